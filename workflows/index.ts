/** The only bundle entry: one named export per saga, named like the saga. Dispatch is driven by what stands here. */
export { alertSaga } from './alert.saga.ts';
export { orderSaga } from './order.saga.ts';
export { signupSaga } from './signup.saga.ts';

/** Our own sagas, beside the small ones for what ours do not do. */
export { alertSaga } from '../../../workflows/alert.saga.ts';
export { orderSaga } from '../../../workflows/order.saga.ts';
export { signupSaga } from '../../../workflows/signup.saga.ts';

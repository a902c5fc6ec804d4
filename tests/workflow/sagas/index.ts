/** The bundle of the workflow tests: our sagas, and small ones for what ours do not do. */
export { alertSaga } from '../../../workflows/alert.saga.ts';
export { orderSaga } from '../../../workflows/order.saga.ts';
export { signupSaga } from '../../../workflows/signup.saga.ts';
export * from './forms.saga.ts';
export { brokenSaga } from './broken.saga.ts';
export { shipmentSaga } from './shipment.saga.ts';
export { plannedSaga } from './planned.saga.ts';

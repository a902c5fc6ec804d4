/** The bundle of the workflow tests: our sagas, and small ones for what ours do not do. */
export * from '../../../workflows/index.ts';
export * from './forms.saga.ts';
export { brokenSaga } from './broken.saga.ts';
export { shipmentSaga } from './shipment.saga.ts';
export { plannedSaga } from './planned.saga.ts';

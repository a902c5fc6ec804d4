/** A saga whose steps stand in its data, for tests that make up sagas by the hundred. */
import type { payment } from '../../../activities/payment/index.ts';
import type { OrderCreated } from '../../../workflows/events/order.ts';
import { defineSaga } from '../../../packages/sagaline/kernel/define-saga.ts';
import type { SagaScope } from '../../../packages/sagaline/kernel/definition.ts';
import { remote as remoteParticipant } from '../../../packages/sagaline/kernel/participants.ts';
import { chargeOf, completionOf, local, optional, ordering, remote } from './inputs.ts';

const payments = remoteParticipant<typeof payment>('payment');

export type PlannedKind = 'remote' | 'local' | 'optional with undo' | 'optional without undo' | 'pivot' | 'retriable';

export interface PlannedStep {
  readonly name: string;
  readonly kind: PlannedKind;
  readonly within: string;
}

/** Stages run one after the other, the steps of a stage side by side. */
export type Plan = readonly (readonly PlannedStep[])[];

export const plannedSaga = defineSaga({
  ...ordering,
  name: 'plannedSaga',
  // What stays refused parks soon.
  patience: '1 second',
  async run(order, saga) {
    const { plan } = order as OrderCreated & { plan: Plan };
    for (const stage of plan) await Promise.all(stage.map((step) => take(saga, step, order)));
    return completionOf(order);
  },
});

function take(saga: SagaScope, { name, kind, within }: PlannedStep, order: OrderCreated): Promise<unknown> {
  if (kind === 'remote') return remote(saga, name, order, within);
  if (kind === 'pivot' || kind === 'retriable') {
    return saga[kind](name, { within, action: (key) => payments.charge({ ...chargeOf(order), key }) });
  }
  if (kind === 'local') return local(saga, name, order, within);
  return optional(saga, name, order, kind === 'optional with undo' ? 'with undo' : 'without undo', within);
}

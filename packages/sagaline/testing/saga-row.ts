import type { OutcomeActivities, OutcomeEvent, Winner } from '../contracts/participants.ts';
import type { AbortCause, Journey, SagaState } from '../contracts/saga.ts';
import { storable } from '../contracts/text.ts';

/** The saga row, claimed by compare-and-set as the real one is: tests/integration/participants shows that it is. */
export class SagaRow {
  state: SagaState = 'running';
  cause: AbortCause | undefined;
  parked: readonly string[] = [];
  journey: Journey | undefined;
  readonly outbox: OutcomeEvent[] = [];
  readonly refusals = new Map<string, OutcomeEvent>();

  readonly activities: OutcomeActivities = {
    complete: ({ outcome, journey }) => this.claim('running', 'completed', () => this.close(outcome, journey)),
    beginRollback: ({ cause }) => this.claim('running', 'rollingBack', () => void (this.cause = stored(cause))),
    finishRollback: ({ state, outcome, journey }) =>
      this.claim('rollingBack', state, () => this.close(outcome, journey)),
    reportParked: ({ parked, journey }) =>
      Promise.resolve(stored(journey)).then(() => void Object.assign(this, { parked, journey })),
    refuseCancel: ({ requestId, answer }) =>
      Promise.resolve(stored({ requestId, answer })).then(() => void this.refusals.set(requestId, answer)),
  };

  private close(outcome: OutcomeEvent, journey: Journey): void {
    this.outbox.push(stored(outcome));
    this.journey = stored(journey);
  }

  private async claim(from: SagaState, to: SagaState, effect: () => void): Promise<Winner> {
    await Promise.resolve();
    if (this.state === from) {
      effect();
      this.state = to;
    }
    return { state: this.state, ...(this.cause ? { cause: this.cause } : {}) };
  }
}

/** What PostgreSQL refuses, this row refuses. */
function stored<T>(value: T): T {
  if (JSON.stringify(value) !== JSON.stringify(storable(value))) {
    throw new Error('22P05 or 22P02: unsupported Unicode escape sequence');
  }
  return value;
}

import type { OutcomeActivities, OutcomeEvent, Winner } from '../../workflows/contracts/participants.ts';
import type { AbortCause, Journey, SagaState } from '../../workflows/contracts/saga.ts';

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
    beginRollback: ({ cause }) => this.claim('running', 'rollingBack', () => void (this.cause = cause)),
    finishRollback: ({ state, outcome, journey }) =>
      this.claim('rollingBack', state, () => this.close(outcome, journey)),
    reportParked: ({ parked, journey }) => Promise.resolve(void Object.assign(this, { parked, journey })),
    refuseCancel: ({ requestId, answer }) => Promise.resolve(void this.refusals.set(requestId, answer)),
  };

  private close(outcome: OutcomeEvent, journey: Journey): void {
    this.outbox.push(outcome);
    this.journey = journey;
  }

  private claim(from: SagaState, to: SagaState, effect: () => void): Promise<Winner> {
    if (this.state === from) {
      this.state = to;
      effect();
    }
    return Promise.resolve({ state: this.state, ...(this.cause ? { cause: this.cause } : {}) });
  }
}

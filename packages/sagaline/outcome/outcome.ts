import type { Database } from '../prisma/database.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { OutcomeActivities } from '../contracts/participants.ts';
import { cancelRefusedIdOf } from '../contracts/saga.ts';
import type { LocalEffects } from '../participants/local/effects.ts';
import { appendEvent } from '../outbox/append-event.ts';
import { createOutboxEntries } from './outcome-event.ts';
import { claim, park } from './saga-rows.ts';

/**
 * How sagas end. Each method is one statement, because these run as local activities: the claim, the journey and the outcome
 * commit together or not at all, and a claim that lost changes nothing (kernel rules 3 and 8).
 *
 * The end of a rollback takes back what local participants left of the workflow, too, in the same statement: a worker may have died
 * after an action committed and before the kernel heard of it.
 *
 * Event ids come from the workflow id, so one saga has at most one terminal event, whatever is retried or reset.
 *
 * @param effects of all local participants
 * @param catalogue has what sagas emit
 */
export function createOutcomes(
  database: Database,
  effects: readonly LocalEffects[],
  catalogue: Catalogue,
): OutcomeActivities {
  const toOutboxEntry = createOutboxEntries(catalogue);
  const outcomeId = (workflowId: string) => `${workflowId}:outcome`;

  return {
    async complete({ saga, outcome, journey }) {
      const event = toOutboxEntry(saga, outcomeId(saga.workflowId), outcome);
      return await claim(database, { saga, from: 'running', to: 'completed', journey, event });
    },

    async beginRollback({ saga, cause }) {
      return await claim(database, { saga, from: 'running', to: 'rollingBack', cause });
    },

    async finishRollback({ saga, state, outcome, journey }) {
      const event = toOutboxEntry(saga, outcomeId(saga.workflowId), outcome);
      const { cause } = journey;
      return await claim(database, {
        saga,
        from: 'rollingBack',
        to: state,
        journey,
        event,
        effects,
        ...(cause && { cause }),
      });
    },

    async reportParked(report) {
      await park(database, report);
    },

    async refuseCancel({ saga, requestId, answer }) {
      await appendEvent(database, toOutboxEntry(saga, cancelRefusedIdOf(saga.workflowId, requestId), answer));
    },
  };
}

import type { NamedHistory } from './histories.ts';

/**
 * The same saga at each moment at which it waited: for a participant, a timer, an event, an operator. A server shows such a
 * history of a running saga, and a worker that is deployed meanwhile goes on from it.
 */
export function waitingPointsOf(history: NamedHistory): NamedHistory[] {
  const events = history.history.events ?? [];
  return events.flatMap((event, index) => {
    // The first task is scheduled at the start: nothing was waited for.
    if (!event.workflowTaskScheduledEventAttributes || index < 2) return [];
    return [{ ...history, name: `${history.name}, event ${index}`, history: { events: events.slice(0, index) } }];
  });
}

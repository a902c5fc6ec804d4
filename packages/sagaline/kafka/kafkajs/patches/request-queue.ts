import { internals, type RequestQueue } from './internals.ts';

/**
 * kafkajs looks again at a queue in which nothing waits, for ever, after a time that is negative: that wakes the process a
 * thousand times a second, and Node 24 warns of it (tulios/kafkajs#1751). Whoever puts something into the queue schedules a look.
 */
export function patchRequestQueue(): void {
  const { prototype } = internals.RequestQueue;
  const { scheduleCheckPendingRequests } = prototype;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
  };
}

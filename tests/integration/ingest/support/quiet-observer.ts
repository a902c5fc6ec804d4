import type { IngestObserver } from '../../../../packages/sagaline/ingest/ingest.ts';

export const quietObserver: IngestObserver = {
  accepted: () => undefined,
  outcome: () => undefined,
  deadLettered: () => undefined,
  batch: () => undefined,
  retried: () => undefined,
  overdue: () => undefined,
};

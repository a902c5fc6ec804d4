/** The reference application: orders, sign-up and alerts. */
import { createParticipants } from './activities/index.ts';
import { defineApp } from './gateways/app/define-app.ts';
import { behaviour } from './gateways/pipeline/behaviour/projection.ts';
import { logs } from './gateways/pipeline/logs/projection.ts';
import { openSearch } from './gateways/pipeline/search/opensearch/index.ts';
import { statistics } from './gateways/pipeline/statistics/projection.ts';

export const app = defineApp({
  name: 'reference',
  sagas: new URL('./workflows/', import.meta.url),
  participants: createParticipants,
  projections: [statistics, behaviour, logs],
  search: openSearch,
});

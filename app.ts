/** The reference application: orders, sign-up and alerts. */
import { participants } from './activities/index.ts';
import { defineApp } from './gateways/app/define-app.ts';
import { behaviourRoutes } from './gateways/http/routes/behaviour.ts';
import { logRoutes } from './gateways/http/routes/logs.ts';
import { orderRoutes } from './gateways/http/routes/orders.ts';
import { statsRoutes } from './gateways/http/routes/stats.ts';
import { userRoutes } from './gateways/http/routes/users.ts';
import { behaviour } from './gateways/pipeline/behaviour/projection.ts';
import { logs } from './gateways/pipeline/logs/projection.ts';
import { searchedLogs } from './gateways/pipeline/search/documents/log.ts';
import { searchedOrders } from './gateways/pipeline/search/documents/order.ts';
import { searchedUsers } from './gateways/pipeline/search/documents/user.ts';
import { openSearch } from './gateways/pipeline/search/opensearch/index.ts';
import { statistics } from './gateways/pipeline/statistics/projection.ts';
import { logEvents } from './workflows/events/service-log.ts';
import { userEvents } from './workflows/events/user.ts';

export const app = defineApp({
  name: 'reference',
  sagas: new URL('./workflows/', import.meta.url),
  participants,
  events: Object.values(logEvents),
  migrations: new URL('./prisma/migrations/', import.meta.url),
  projections: [statistics, behaviour, logs],
  search: openSearch,
  searchKinds: [searchedOrders, searchedUsers, searchedLogs],
  batches: [
    { path: '/v1/activity', event: userEvents['user.activity'] },
    { path: '/v1/logs', event: logEvents['service.log'] },
  ],
  routes: [orderRoutes, userRoutes, behaviourRoutes, logRoutes, statsRoutes],
});

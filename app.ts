/** The reference application: orders, sign-up and alerts. */
import { defineApp } from 'sagaline';
import { openSearch } from 'sagaline/opensearch';
import { participants } from './activities/index.ts';
import { behaviourRoutes } from './gateways/http/behaviour/routes.ts';
import { logRoutes } from './gateways/http/logs/routes.ts';
import { orderRoutes } from './gateways/http/orders/routes.ts';
import { statsRoutes } from './gateways/http/stats/routes.ts';
import { userRoutes } from './gateways/http/users/routes.ts';
import { behaviour } from './gateways/pipeline/behaviour/projection.ts';
import { logs } from './gateways/pipeline/logs/projection.ts';
import { searchedLogs } from './gateways/pipeline/search/log.ts';
import { searchedOrders } from './gateways/pipeline/search/order.ts';
import { searchedUsers } from './gateways/pipeline/search/user.ts';
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

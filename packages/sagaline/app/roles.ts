/** What a process of an application can be. */
export const ROLES = ['gateway', 'worker', 'pipeline', 'all-in-one'] as const;
/**
 * - `gateway`: HTTP, consumer and relay, or those of them that GATEWAY_PARTS names
 * - `worker`: runs sagas and their participants
 * - `pipeline`: turns events into views, all of them or those that PIPELINE_PROJECTIONS names
 * - `all-in-one`: gateway and worker
 *
 * Any number of copies of each may run.
 */
export type Role = (typeof ROLES)[number];

import { createHash } from 'node:crypto';
import type { Payload } from '../../../workflows/contracts/events.ts';
import type { ProjectionTransaction } from '../runtime/projection.ts';
import type { Burst } from './bursts.ts';
import type { BurstSettings } from './settings.ts';

/** What is older is history: a pipeline that reads a topic for the first time must not wake anybody. */
const MAX_AGE_MS = 24 * 60 * 60 * 1000;
/** The last moment that RFC 3339 can write. */
const END_OF_TIME = Date.UTC(10_000, 0) - 1;

/**
 * Raises one alert for each new burst, in the transaction that stores it. A burst that goes on has had its own: it was new
 * once. The id comes from service and begin, so the outbox would refuse a second one, too.
 */
export async function raiseAlerts(
  tx: ProjectionTransaction,
  bursts: readonly Burst[],
  settings: BurstSettings,
): Promise<void> {
  const alerts = bursts
    .filter(({ isNew, to }) => isNew && to > Date.now() - MAX_AGE_MS)
    .map((burst) => alertOf(burst, settings))
    // append_outbox locks by key: everybody in the same order.
    .sort((a, b) => (a.alertId < b.alertId ? -1 : 1));
  for (const alert of alerts) {
    await tx.query(`SELECT append_outbox($1, 'alert.raised', 'alert.raised', $2, $3::jsonb, NULL, NULL)`, [
      `alert.raised:${alert.alertId}`,
      alert.alertId,
      JSON.stringify(alert),
    ]);
  }
}

function alertOf({ service, from, count }: Burst, { threshold, windowMs }: BurstSettings): Payload<'alert.raised'> {
  const digest = createHash('sha256').update(`error-burst/${service}/${from}`).digest('hex');
  const at = new Date(Math.min(from, END_OF_TIME)).toISOString();
  return {
    alertId: `burst-${digest.slice(0, 32)}`,
    ...{ service, kind: 'error-burst', count, threshold, windowMs, at },
  };
}

/** Each line as a row, and a row per service that adds them up. */
import type { ProjectionTransaction, ValidEventOf } from 'sagaline/pipeline';
import type { logEvents } from '../../../workflows/events/service-log.ts';
import { ERROR, SEVERITY } from './levels.ts';

export type LogLine = ValidEventOf<(typeof logEvents)['service.log']>;

export async function writeLines(tx: ProjectionTransaction, lines: readonly LogLine[]): Promise<void> {
  await tx.query(
    `INSERT INTO "lines" ("at", "partition", "offset", "service", "level", "message", "trace_id", "attributes")
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::smallint[], $6::text[], $7::text[], $8::json[])`,
    [
      lines.map(({ time }) => time),
      lines.map(({ record }) => record.partition),
      lines.map(({ position }) => position),
      lines.map(({ payload }) => payload.service),
      lines.map(({ payload }) => SEVERITY[payload.level]),
      lines.map(({ payload }) => payload.message),
      lines.map(({ payload }) => payload.traceId ?? null),
      lines.map(({ payload }) => (payload.attributes ? JSON.stringify(payload.attributes) : null)),
    ],
  );
}

interface ServiceTotals {
  firstAt: number;
  lastAt: number;
  lines: number;
  errors: number;
}

/** Also the lock: of two transactions with lines of one service, the second waits here for the first. */
export async function addToServices(tx: ProjectionTransaction, lines: readonly LogLine[]): Promise<void> {
  const services = new Map<string, ServiceTotals>();
  for (const { time, payload } of lines) {
    const totals = services.get(payload.service) ?? { firstAt: time, lastAt: time, lines: 0, errors: 0 };
    totals.firstAt = Math.min(totals.firstAt, time);
    totals.lastAt = Math.max(totals.lastAt, time);
    totals.lines += 1;
    if (SEVERITY[payload.level] >= ERROR) totals.errors += 1;
    services.set(payload.service, totals);
  }
  const rows = [...services].sort(([a], [b]) => (a < b ? -1 : 1));
  await tx.query(
    `INSERT INTO "services" ("service", "first_at", "last_at", "lines", "errors")
     SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
     ON CONFLICT ("service") DO UPDATE SET
       "first_at" = LEAST("services"."first_at", EXCLUDED."first_at"),
       "last_at" = GREATEST("services"."last_at", EXCLUDED."last_at"),
       "lines" = "services"."lines" + EXCLUDED."lines",
       "errors" = "services"."errors" + EXCLUDED."errors"`,
    [
      rows.map(([service]) => service),
      rows.map(([, { firstAt }]) => firstAt),
      rows.map(([, { lastAt }]) => lastAt),
      rows.map(([, totals]) => totals.lines),
      rows.map(([, { errors }]) => errors),
    ],
  );
}

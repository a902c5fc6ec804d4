/** What the relay asks of the outbox. Every read walks along an index, however long the backlog. */

// OFFSET 0 keeps the planner from asking for locks of lanes that the filter would drop.
export const TAKE_LANES = `
  SELECT lane FROM (SELECT lane, pg_try_advisory_lock($1, lane) AS taken FROM unnest($2::int[]) AS lane OFFSET 0) AS tried
  WHERE taken`;

const ROW = `o.id::text, o.event_id AS "eventId", o.type, o.topic, o.key, o.lane, o.payload::text AS json, o.traceparent,
         o.workflow_id AS "workflowId", o.created_at AS "createdAt", o.refusals`;

/** Rows that are still to be published. */
const WAITING = 'published_at IS NULL AND buried_at IS NULL';

// By lane first, so that no lane starves another.
export const READ = `
  SELECT ${ROW}
  FROM unnest($1::smallint[]) AS held(lane)
  CROSS JOIN LATERAL (
    SELECT * FROM sagaline_engine.outbox WHERE outbox.lane = held.lane AND ${WAITING} ORDER BY outbox.id LIMIT $2
  ) AS o
  ORDER BY o.id`;

// By lane and topic: a walk past the first million of a topic that is held back would be no walk. The recursion hops from one
// topic of a lane to the next.
export const READ_PAST_HELD = `
  WITH RECURSIVE topics AS (
    SELECT held.lane, (
      SELECT topic FROM sagaline_engine.outbox WHERE outbox.lane = held.lane AND published_at IS NULL ORDER BY topic LIMIT 1
    ) AS topic
    FROM unnest($1::smallint[]) AS held(lane)
    UNION ALL
    SELECT topics.lane, (
      SELECT topic FROM sagaline_engine.outbox
      WHERE outbox.lane = topics.lane AND published_at IS NULL AND outbox.topic > topics.topic ORDER BY topic LIMIT 1
    )
    FROM topics WHERE topics.topic IS NOT NULL
  )
  SELECT ${ROW}
  FROM topics
  CROSS JOIN LATERAL (
    SELECT * FROM sagaline_engine.outbox
    WHERE outbox.lane = topics.lane AND outbox.topic = topics.topic AND ${WAITING} AND NOT EXISTS (
      SELECT FROM sagaline_engine.outbox AS refused
      WHERE refused.topic = outbox.topic AND refused.key = outbox.key AND refused.id <= outbox.id
        AND refused.refused_at IS NOT NULL AND refused.published_at IS NULL AND refused.buried_at IS NULL
    )
    ORDER BY outbox.id LIMIT $2
  ) AS o
  WHERE topics.topic <> ALL($3::text[])
  ORDER BY o.id LIMIT $4`;

export const OLDEST_OF_TOPIC = `
  SELECT ${ROW}
  FROM unnest($1::smallint[]) AS held(lane)
  CROSS JOIN LATERAL (
    SELECT * FROM sagaline_engine.outbox WHERE outbox.lane = held.lane AND outbox.topic = $2 AND ${WAITING} ORDER BY outbox.id LIMIT 1
  ) AS o
  ORDER BY o.id LIMIT 1`;

const REFUSED_ROWS = `refused_at IS NOT NULL AND ${WAITING}`;

export const DUE = `
  SELECT ${ROW} FROM sagaline_engine.outbox AS o
  WHERE ${REFUSED_ROWS} AND o.lane = ANY($1::smallint[]) AND o.retry_at <= now() ORDER BY o.retry_at LIMIT $2`;

export const MARK_PUBLISHED = 'UPDATE sagaline_engine.outbox SET published_at = now() WHERE id = ANY($1::bigint[])';

export const RELEASE_TOPIC = `
  UPDATE sagaline_engine.outbox SET holds_topic = false, retry_at = now() WHERE ${REFUSED_ROWS} AND topic = $1 AND holds_topic`;

export const MARK_REFUSED = `
  UPDATE sagaline_engine.outbox
  SET refused_at = now(), refused_code = $2, refusals = refusals + 1, holds_topic = $3,
      retry_at = now() + $4 * INTERVAL '1 millisecond'
  WHERE id = $1 AND published_at IS NULL`;

export const STANDING = `
  SELECT
    (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(oldest.created_at)) * 1000, 0)::float8
     FROM unnest($1::smallint[]) AS known(lane)
     CROSS JOIN LATERAL (
       SELECT created_at FROM sagaline_engine.outbox WHERE outbox.lane = known.lane AND ${WAITING} ORDER BY outbox.id LIMIT 1
     ) AS oldest) AS "oldestAgeMs",
    (SELECT min(oldest.id)::text
     FROM unnest($2::smallint[]) AS elsewhere(lane)
     CROSS JOIN LATERAL (
       SELECT id FROM sagaline_engine.outbox WHERE outbox.lane = elsewhere.lane AND ${WAITING} AND refused_at IS NULL
       ORDER BY outbox.id LIMIT 1
     ) AS oldest) AS "oldestElsewhere",
    (SELECT count(*)::int FROM sagaline_engine.outbox WHERE buried_at IS NOT NULL) AS "buried"`;

export const REFUSED = `
  SELECT topic, refused_code AS "code", holds_topic AS "holdsTopic", count(*)::int AS "rows"
  FROM sagaline_engine.outbox WHERE ${REFUSED_ROWS} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

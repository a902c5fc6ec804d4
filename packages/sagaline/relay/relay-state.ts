import type { Standing } from './outbox-session.ts';

/** Whether the relay works, and in a few words why not. */
export interface RelayState {
  readonly ok: boolean;
  readonly detail?: string;
}

/** What a relay knows of itself. */
export interface RelayView {
  readonly closing: boolean;
  /** With PostgreSQL, and has been heard of. */
  readonly hasSession: boolean;
  readonly sinceLastRoundMs: number;
  /** How long a round may take. */
  readonly roundBoundMs: number;
  readonly pausedTopics: readonly string[];
  readonly standing: Standing | undefined;
  /** For how long the oldest row of others' lanes has been the same one. */
  readonly stuckElsewhereMs: number;
}

/**
 * Longer than PostgreSQL leaves the lanes with a session that has fallen silent: what still does not move is held by somebody
 * who is heard of and does not work, or by a session that the server itself cannot end.
 */
const STUCK_MS = 45_000;

/** The first of what is wrong. */
export function relayState(view: RelayView): RelayState {
  const detail = complaints(view).find((complaint) => complaint !== undefined);
  return detail === undefined ? { ok: true } : { ok: false, detail };
}

function complaints(view: RelayView): (string | undefined)[] {
  const { closing, hasSession, sinceLastRoundMs, roundBoundMs, pausedTopics, standing, stuckElsewhereMs } = view;
  const refused = standing?.refused ?? [];
  const named = refused.map(({ topic, code, rows }) => `${rows} of ${topic} (${code})`).join(', ');
  return [
    closing ? 'is closing' : undefined,
    hasSession ? undefined : 'has no session with PostgreSQL',
    sinceLastRoundMs > roundBoundMs ? `has not ended a round for ${Math.round(sinceLastRoundMs / 1000)} s` : undefined,
    pausedTopics.length > 0 ? `Kafka takes nothing for ${pausedTopics.join(', ')} at the moment` : undefined,
    refused.length > 0 ? `Kafka refuses ${named}: npm run saga -- outbox list` : undefined,
    stuckElsewhereMs > STUCK_MS ? 'lanes that another session holds do not move' : undefined,
  ];
}

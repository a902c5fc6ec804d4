import type { PartState, ReadinessCheck } from '../ports.ts';
import { TookTooLong, withinMs } from '../within.ts';

/** A part that does not answer in this time does not work; in ms. */
const CHECK_TIMEOUT_MS = 2_000;

export interface Readiness {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, PartState>>;
}

/** Asks every part at the same time, each within a bound. What a part throws stays inside: it may name addresses. */
export async function readiness(checks: Readonly<Record<string, ReadinessCheck>>): Promise<Readiness> {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await stateOf(check)] as const),
  );
  return { ready: entries.every(([, { ok }]) => ok), parts: Object.fromEntries(entries) };
}

/** Asks again only when the last answer has come: what hangs must not pile up with every probe. */
export function oneAtATime(check: ReadinessCheck): ReadinessCheck {
  let asking: Promise<PartState> | undefined;
  return () =>
    (asking ??= Promise.resolve()
      .then(check)
      .finally(() => (asking = undefined)));
}

async function stateOf(check: ReadinessCheck): Promise<PartState> {
  try {
    return await withinMs(CHECK_TIMEOUT_MS, Promise.resolve().then(check));
  } catch (error) {
    return { ok: false, detail: error instanceof TookTooLong ? 'does not answer in time' : 'does not work' };
  }
}

import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 40_000;
const INTERVAL_MS = 50;

/** Asks again and again; for what Temporal and PostgreSQL tell only when asked. @throws Error naming what did not come */
export async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`waited ${PATIENCE_MS} ms in vain: ${what}`);
    await delay(INTERVAL_MS);
  }
}

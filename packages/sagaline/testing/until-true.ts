import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 50;
const WITHIN_MS = 50_000;

/** Asks until the answer is yes: of what a server knows, and tells nobody by itself. @throws Error when it stays no */
export async function untilTrue(ask: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await delay(EVERY_MS);
  }
}

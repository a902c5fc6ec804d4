/** npm run stand-ins [-- ci | all | compose | <name> …]: images that stand in for the official ones, where no registry can be reached. */
import { join } from 'node:path';
import { withLock } from '../../packages/sagaline/dev/lock.mjs';
import { cacheDirectory } from '../../packages/sagaline/dev/tools/cache.ts';
import { createBuilder } from './build.ts';
import { COMPOSE, installComposePlugin } from './compose-plugin.ts';
import { createEngine, NoEngine } from './engine/engine.ts';
import { named } from './recipes.ts';

const NO_ENGINE = 3;
const LONGEST_BUILD_MS = 60 * 60_000;

const report = (text: string) => process.stderr.write(`${text}\n`);
const names = process.argv.slice(2);
const cache = cacheDirectory();

async function main(): Promise<void> {
  const withCompose = names.length === 0 || names.includes('all') || names.includes(COMPOSE);
  const wanted = names.length === 1 && names[0] === COMPOSE ? [] : named(names.filter((name) => name !== COMPOSE));
  await createEngine({ cache, report }).up();
  const results = await withLock(
    join(cache, 'stand-ins.lock'),
    async () => {
      const built = await createBuilder({ cache, report }).build(wanted);
      if (withCompose) await installComposePlugin(cache, report);
      return built;
    },
    { waitMs: LONGEST_BUILD_MS, onWait: () => report('waiting for another build of the stand-ins') },
  );
  for (const { tag, outcome, megabytes, seconds } of results) {
    const after = outcome === 'built' ? ` in ${seconds} s` : '';
    process.stdout.write(`${tag.padEnd(34)}${`${megabytes} MB`.padStart(7)}  ${outcome}${after}\n`);
  }
}

try {
  await main();
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof NoEngine ? NO_ENGINE : 1;
}

/**
 * Brings the servers to this version: tables, topics, search attributes. `--only database,topics` for some of them, where
 * others are somebody else's to make.
 */
import { InvalidConfiguration, readConfig } from './config.ts';
import { chosenParts } from './process/arguments.ts';
import { SET_UP_PARTS, setUpPart } from './process/set-up.ts';

/** Each part by itself: one server that is down hides nothing of the others. */
async function migrate(): Promise<boolean> {
  const parts = chosenParts(process.argv.slice(2), SET_UP_PARTS);
  const config = readConfig(process.env, { servesApi: false });
  const done = await Promise.all(
    parts.map(async (part) => {
      try {
        process.stdout.write(`${part}: ${await setUpPart(part, config)}\n`);
        return true;
      } catch (error) {
        process.stderr.write(`${part}: ${error instanceof Error ? error.message : String(error)}\n`);
        return false;
      }
    }),
  );
  return done.every(Boolean);
}

try {
  // The migration engine leaves the timer of its lock behind, which would keep the process for ten seconds.
  process.exit((await migrate()) ? 0 : 1);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof InvalidConfiguration ? 2 : 1);
}

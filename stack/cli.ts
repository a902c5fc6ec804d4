/** npm run stack -- …: the servers of the reference application. */
import { createStackCommand } from 'sagaline/dev';
import { REFERENCE } from './reference.ts';
import { setUp } from './setup.ts';

const report = (text: string) => process.stderr.write(`${text}\n`);

try {
  await createStackCommand({
    owner: REFERENCE,
    environment: process.env,
    setUp,
    print: (text) => process.stdout.write(`${text}\n`),
    report,
  }).parseAsync();
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// Neither timers of the migration engine nor idle connections are worth waiting for.
process.exit();

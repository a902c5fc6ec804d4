/** sagaline stack up|down|status|env|logs: the servers of a repository, without its application. */
import { migrate } from '../app/migrate.ts';
import { environmentOf } from '../dev/addresses.ts';
import { createStackCommand } from '../dev/command.ts';
import { appFileOf, loadApp } from './app-file.ts';
import { ownerOf } from './owner.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);
const report = (text: string) => process.stderr.write(`${text}\n`);

export async function stack(args: readonly string[]): Promise<void> {
  const { file, rest } = appFileOf(args);
  const command = createStackCommand({
    ...{ owner: ownerOf(file), environment: process.env, print, report },
    async setUp(addresses) {
      const done = await migrate(await loadApp(file), { ...process.env, ...environmentOf(addresses) });
      for (const { part, text } of done) report(`${part}: ${text}`);
      if (done.some(({ failed }) => failed)) throw new Error('the servers run, but could not be set up');
    },
  });
  await command.parseAsync(rest, { from: 'user' });
  // Neither timers of the migration engine nor idle connections are worth waiting for.
  process.exit();
}

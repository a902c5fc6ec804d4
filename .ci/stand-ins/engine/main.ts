/** npm run engine -- up | down | status: a Docker engine on this machine. Exit code 3: there is none, and none can be had. */
import { Command } from 'commander';
import { cacheDirectory } from '../../../packages/sagaline/dev/tools/cache.ts';
import { createEngine, NoEngine, type EngineStatus } from './engine.ts';

const NONE = 3;

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const report = (text: string) => process.stderr.write(`${text}\n`);
const engine = createEngine({ cache: cacheDirectory(), report });

const describe = ({ version, ours }: EngineStatus) =>
  `Docker engine ${version} answers${ours ? ', started by npm run engine' : ''}`;

const program = new Command('engine').description('A Docker engine on this machine.');

program
  .command('up')
  .description('use the engine that answers, else install and start one (root on Debian)')
  .action(async () => print(describe(await engine.up())));

program
  .command('down')
  .description('stop the engine that `up` started, and no other')
  .action(async () =>
    print((await engine.down()) ? 'the engine is stopped' : 'no engine was started by npm run engine'),
  );

program
  .command('status')
  .description('exit code 0 if an engine answers, else 3')
  .action(async () => {
    const status = await engine.status();
    print(status ? describe(status) : 'no Docker engine answers');
    if (!status) process.exitCode = NONE;
  });

try {
  await program.parseAsync();
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  process.exitCode = error instanceof NoEngine ? NONE : 1;
}

/** npm run replay [-- --from-server [--query <visibility query>] [--limit <n>]] */
import { Command, InvalidArgumentError } from 'commander';
import { bundleSagas } from '../../packages/sagaline/temporal/bundle.ts';
import { app, sagas } from '../support/reference.ts';
import { parse } from './support/command-line.ts';
import { quietLogger, quietRuntime } from '../../packages/sagaline/testing/quiet-runtime.ts';
import { readHistories, type NamedHistory } from '../../packages/sagaline/testing/replay/histories.ts';
import { NothingToReplay } from '../../packages/sagaline/testing/replay/problems.ts';
import { replayEach, type Replayed } from '../../packages/sagaline/testing/replay/replayer.ts';
import { HISTORIES } from './support/corpus.ts';
import { openNamespace, sample } from './support/namespace.ts';
import { runCommand } from './support/problems.ts';

interface Options {
  readonly fromServer?: true;
  readonly query: string;
  readonly limit: number;
}

const print = (text: string) => process.stdout.write(`${text}\n`);

const allSagas = `WorkflowType IN (${sagas.map(({ name }) => `'${name}'`).join(', ')})`;

const program = new Command('replay')
  .description('Replays recorded histories against the workflows as they are now; exit code 0 only when all replay.')
  .option('--from-server', 'histories of a live namespace, running sagas too, instead of the recorded ones')
  .option('--query <query>', 'which ones, as in the Temporal UI; all sagas unless given', allSagas)
  .option('--limit <n>', 'how many at most, newest first', positive, 100);

await runCommand(async () => {
  const options = await parse<Options>(program, process.argv);
  quietRuntime();
  return options.fromServer ? await replayFromServer(options) : await report(await readHistories(HISTORIES));
});
// Connections and worker threads of the SDK are not worth waiting for.
process.exit();

async function replayFromServer({ query, limit }: Options): Promise<number> {
  const temporal = await openNamespace(process.env);
  try {
    return await report(sample(temporal.client, query, limit), { whenNone: `no workflow matches ${query}`, limit });
  } finally {
    await temporal.close();
  }
}

async function report(
  histories: Iterable<NamedHistory> | AsyncIterable<NamedHistory>,
  { whenNone = 'there is nothing to replay', limit = Infinity } = {},
): Promise<number> {
  const startedAt = performance.now();
  let [replayed, failed] = [0, 0];
  for await (const one of replayEach(await bundleSagas(app.sagas, quietLogger), histories)) {
    print(lineOf(one));
    replayed += 1;
    if (one.failure) failed += 1;
  }
  if (replayed === 0) throw new NothingToReplay(whenNone);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  print(`${replayed} replayed in ${seconds} s: ${replayed - failed} ok, ${failed} failed`);
  if (replayed === limit) print(`stopped at the limit of ${limit}: there may be more`);
  return failed === 0 ? 0 : 1;
}

function lineOf({ of: { name, saga, history }, failure }: Replayed): string {
  const what = `${name.padEnd(44)} ${saga.padEnd(12)} ${String(history.events?.length ?? 0).padStart(5)} events  `;
  if (!failure) return `${what}ok`;
  const { kind, where, message } = failure;
  return `${what}${kind}${where ? ` at ${where}` : ''}\n    ${message.replaceAll('\n', '\n    ')}`;
}

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError('must be a number from 1 on');
  return number;
}

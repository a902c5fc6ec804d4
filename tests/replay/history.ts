/** npm run history -- record <workflowId> [--name <file>] [--run-id <id>] | record-corpus [--missing | --replace | --suffix <text>] */
import { Command } from 'commander';
import { recordCorpus, type RecordCorpusOptions } from './corpus/record-corpus.ts';
import { addHistory, nameFor } from '../../packages/sagaline/testing/replay/add-history.ts';
import { HISTORIES } from './support/corpus.ts';
import { parse } from './support/command-line.ts';
import { fetchHistory, openNamespace } from './support/namespace.ts';
import { runCommand } from './support/problems.ts';

interface RecordOptions {
  readonly name?: string;
  readonly runId?: string;
  readonly into?: string;
}

const print = (text: string) => process.stdout.write(`${text}\n`);
const report = (text: string) => process.stderr.write(`${text}\n`);

const program = new Command('history').description('Adds to the histories that every change is replayed against.');

program
  .command('record')
  .argument('<workflowId>', 'for example orderSaga:o-1')
  .option('--name <file>', 'name in the corpus, without .json; made from the workflow id unless given')
  .option('--run-id <id>', 'the latest run unless given')
  .option('--into <directory>', 'where to add it; the corpus unless given')
  .description('fetch one history of a live namespace (TEMPORAL_ADDRESS, or the stack that runs here)')
  .action(async (workflowId: string, { name, runId, into }: RecordOptions) => {
    const temporal = await openNamespace(process.env);
    try {
      const { history } = await fetchHistory(temporal.client, workflowId, runId);
      print(`added ${await addHistory(name ?? nameFor(workflowId), history, { directory: into ?? HISTORIES })}`);
    } finally {
      await temporal.close();
    }
  });

program
  .command('record-corpus')
  .option('--replace', 'write over histories of these names: only for a kernel that nobody runs yet')
  .option('--suffix <text>', 'added to each name, so that the new ones stand beside the old ones')
  .option('--missing', 'only outcomes of which the corpus has no history: after a new saga')
  .description('record every outcome that each saga can have, on servers of its own')
  .action(async (options: Omit<RecordCorpusOptions, 'report'>) => {
    for (const file of await recordCorpus({ ...options, report })) print(`added ${file}`);
  });

await runCommand(async () => {
  await parse(program, process.argv);
  return 0;
});
// Connections and worker threads of the SDK are not worth waiting for.
process.exit();

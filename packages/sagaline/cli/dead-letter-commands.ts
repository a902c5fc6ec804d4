import type { Command } from 'commander';
import type { ZodType } from 'zod';
import { LETTER_STATES, findDeadLetter, listDeadLetters, type LetterState } from '../http/dead-letters/list.ts';
import { createDecideDeadLetter, type Decided } from '../http/dead-letters/decide.ts';
import { Id as By, Reason } from '../contracts/primitives.ts';
import { print, report, type CliWorld, type WithWorld } from './world.ts';

interface ListOptions {
  readonly topic?: string;
  readonly key?: string;
  readonly state: string;
  readonly limit: string;
  readonly json?: true;
}

/** What an option says is not what it may say. */
class InvalidOption extends Error {
  override readonly name = 'InvalidOption';
}

/** npm run saga -- dead-letters list | show | redrive | dismiss: the same as by HTTP, without a gateway. */
export function deadLetterCommands(program: Command, withWorld: WithWorld): void {
  const letters = program.command('dead-letters').description('records that could not be taken');

  letters
    .command('list')
    .option('--topic <topic>')
    .option('--key <key>', "the record's key, such as an order's id")
    .option('--state <state>', LETTER_STATES.join(', '), 'open')
    .option('--limit <count>', 'the newest so many, at most 200', '50')
    .option('--json', 'print one JSON object a line')
    .description('the newest dead letters, without their bytes')
    .action((options: ListOptions) => withWorld((world) => list(world, options)));

  letters
    .command('show')
    .argument('<id>')
    .description('one dead letter, with its bytes: may be personal data')
    .action((id: string) =>
      withWorld(async ({ database }) => print(JSON.stringify(await findDeadLetter(database, id), null, 2))),
    );

  letters
    .command('redrive')
    .argument('<ids...>')
    .requiredOption('--by <name>', 'an account or a role')
    .description('produce the records once more, as the same events; once, however often')
    .action((ids: string[], { by }: { by: string }) =>
      decideEach(withWorld, ids, (decide, id) => decide.redrive(id, checked(By, by, '--by'))),
    );

  letters
    .command('dismiss')
    .argument('<ids...>')
    .requiredOption('--by <name>', 'an account or a role')
    .requiredOption('--reason <text>', 'why nothing need be done')
    .description('say that nothing need be done about them')
    .action((ids: string[], { by, reason }: { by: string; reason: string }) =>
      decideEach(withWorld, ids, (decide, id) =>
        decide.dismiss(id, { by: checked(By, by, '--by'), reason: checked(Reason, reason, '--reason') }),
      ),
    );
}

async function list({ database }: CliWorld, { topic, key, state, limit, json }: ListOptions): Promise<void> {
  const wanted = LETTER_STATES.find((one) => one === state);
  if (!wanted) throw new InvalidOption(`--state: one of ${LETTER_STATES.join(', ')}`);
  const count = Number(limit);
  if (!Number.isInteger(count) || count < 1 || count > 200) throw new InvalidOption('--limit: 1 to 200');
  const { items, nextCursor } = await listDeadLetters(database, { topic, key, state: wanted, limit: count });
  for (const item of items) print(json ? JSON.stringify(item) : lineOf(item));
  if (items.length === 0) report(`no dead letter is ${wanted}`);
  if (nextCursor !== undefined) report('there are more: ask for a topic or a key');
}

interface Line {
  readonly id: string;
  readonly state: LetterState;
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly reason: string;
  readonly path: string;
}

const lineOf = ({ id, state, topic, partition, offset, reason, path }: Line): string =>
  `${id.padEnd(8)}${state.padEnd(11)}${`${topic}/${partition}/${offset}`.padEnd(36)}${reason}${path === '' ? '' : `  ${path}`}`;

type Decide = ReturnType<typeof createDecideDeadLetter>;

/** One after the other, so that the records of one key keep the order in which they are named. Stops at the first that fails. */
function decideEach(
  withWorld: WithWorld,
  ids: readonly string[],
  decide: (letters: Decide, id: string) => Promise<Decided>,
): Promise<void> {
  return withWorld(async ({ config, database, kafka }) => {
    const producer = await kafka.createProducer();
    try {
      const letters = createDecideDeadLetter({ database, producer, produceTimeoutMs: config.http.produceTimeoutMs });
      for (const id of ids) {
        const { state, decidedBy } = await decide(letters, id).catch((cause: unknown) => {
          throw new Error(`${id}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
        });
        print(`${id} ${state}, by ${decidedBy ?? 'nobody'}`);
      }
    } finally {
      await producer.close();
    }
  });
}

function checked(schema: ZodType<string>, text: string, option: string): string {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidOption(`${option}: ${parsed.error.issues[0]?.message ?? 'is invalid'}`);
}

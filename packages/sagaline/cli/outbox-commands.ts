/** npm run saga -- outbox list | retry | bury: events that Kafka refuses. */
import type { Command } from 'commander';
import { buryOutboxEvent, listRefused, retryOutboxEvent, type RefusedEvent } from '../relay/undeliverable.ts';
import { print, type WithWorld } from './world.ts';

const LIST_LIMIT = 1_000;
/** As of other operators' reasons. */
const MAX_TEXT = 200;

/** An argument that cannot be meant. */
class InvalidArgument extends Error {
  override readonly name = 'InvalidArgument';
}

export function outboxCommands(program: Command, withWorld: WithWorld): void {
  const outbox = program.command('outbox').description('events on their way to Kafka, which refuses them');

  outbox
    .command('list')
    .description('what Kafka refuses, why, and how many wait behind it')
    .option('--json', 'print one JSON array')
    .action(({ json }: { json?: true }) =>
      withWorld(async ({ pool }) => {
        const refused = await listRefused(pool, { limit: LIST_LIMIT });
        if (json) return print(JSON.stringify(refused));
        if (refused.length === 0) print('Kafka refuses none');
        for (const event of refused) print(lineOf(event));
      }),
    );

  outbox
    .command('retry')
    .argument('<id>', 'as listed')
    .description('try it again at once')
    .action((id: string) =>
      withWorld(async ({ pool }) => {
        await retryOutboxEvent(pool, idOf(id));
        print(`${id} is tried again`);
      }),
    );

  outbox
    .command('bury')
    .argument('<id>', 'as listed')
    .requiredOption('--reason <text>', 'why it is given up; no personal data')
    .requiredOption('--by <name>', 'who decides: a role or an account')
    .description('never publish it: what waits behind it follows, and the row is kept with who and why')
    .action((id: string, { reason, by }: { reason: string; by: string }) =>
      withWorld(async ({ pool }) => {
        const decision = { by: textOf('--by', by), reason: textOf('--reason', reason) };
        const { eventId, topic } = await buryOutboxEvent(pool, idOf(id), decision);
        print(`${id} (${eventId}) is buried: it will not be published to ${topic}`);
      }),
    );
}

function lineOf({ id, topic, key, eventId, code, refusals, behind, holdsTopic, createdAt }: RefusedEvent): string {
  const waits = holdsTopic ? `${behind} of the topic wait` : `${behind} of the key wait`;
  return `${id.padEnd(10)}${topic.padEnd(28)}${key.padEnd(24)}${code}, ${refusals} times; ${waits}; ${eventId}, of ${createdAt.toISOString()}`;
}

function idOf(text: string): string {
  if (/^[0-9]{1,18}$/.test(text)) return text;
  throw new InvalidArgument(`${JSON.stringify(text)} is no id of the outbox: npm run saga -- outbox list`);
}

function textOf(option: string, text: string): string {
  if (text.trim() !== '' && text.length <= MAX_TEXT) return text;
  throw new InvalidArgument(`${option}: must have 1 to ${MAX_TEXT} characters`);
}

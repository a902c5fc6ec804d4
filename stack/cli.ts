/** npm run stack -- up | down | status [--json] | env | logs [server] */
import { Command } from 'commander';
import { environmentOf } from './addresses.ts';
import type { ServerStatus, StackProvider, StackStatus } from './provider.ts';
import { createStack } from './providers.ts';
import { setUp } from './setup.ts';

const print = (text: string) => process.stdout.write(`${text}\n`);
const report = (text: string) => process.stderr.write(`${text}\n`);
const stack = (): StackProvider => createStack(process.env, report);

const program = new Command('stack').description('The servers that Sagaline needs: up, down, and where they are.');

program
  .command('up')
  .description('start what does not run, migrate the database, create topics, register search attributes')
  .action(async () => {
    const provider = stack();
    await setUp(await provider.up());
    print(describe(await provider.status()));
  });

program
  .command('down')
  .description('stop what `up` started, and discard its data unless SAGALINE_STACK_PERSIST=true')
  .action(async () => {
    await stack().down();
  });

program
  .command('status')
  .description('show every server; exit code 1 unless all answer')
  .option('--json', 'print one JSON object')
  .action(async ({ json }: { json?: true }) => {
    const status = await stack().status();
    const { addresses, ...rest } = status;
    print(json ? JSON.stringify({ ...addresses, ...rest }) : describe(status));
    process.exitCode = status.ready ? 0 : 1;
  });

program
  .command('env')
  .description('print the addresses as environment variables, for eval')
  .action(async () => {
    const { addresses } = await stack().status();
    if (!addresses) throw new Error('the stack is not up: npm run stack -- up');
    for (const [name, value] of Object.entries(environmentOf(addresses))) print(`export ${name}='${value}'`);
  });

program
  .command('logs')
  .argument('[server]', 'temporal, kafka, postgres, payment, sms or smtp')
  .option('-n, --lines <count>', 'lines of each log', '40')
  .description('show the end of the logs')
  .action(async (server: string | undefined, { lines }: { lines: string }) => {
    print(await stack().logs(server, Number(lines)));
  });

function describe({ provider, addresses, servers }: StackStatus): string {
  if (!addresses) return 'The stack is not up: npm run stack -- up';
  const where: Record<string, string> = {
    kafka: addresses.kafkaBrokers,
    temporal: `${addresses.temporalAddress}  namespace ${addresses.temporalNamespace}, UI ${addresses.temporalUiUrl}`,
    postgres: withoutPassword(addresses.databaseUrl),
    payment: addresses.paymentUrl,
    sms: addresses.smsUrl,
    smtp: addresses.smtpUrl,
  };
  const line = ({ name, state, reason }: ServerStatus) =>
    `  ${name.padEnd(10)}${state.padEnd(6)}${where[name] ?? ''}${reason ? `  (${reason})` : ''}`;
  return [`stack (${provider})`, ...servers.map(line), `  gateway   at    ${addresses.gatewayUrl}`].join('\n');
}

function withoutPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = '';
  return parsed.href;
}

try {
  await program.parseAsync();
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
// Neither timers of the migration engine nor idle connections are worth waiting for.
process.exit();

/** up | down | status [--json] | env | logs [server] */
import { Command } from 'commander';
import { environmentOf, type ServerAddresses } from './addresses.ts';
import type { StackOwner } from './owner.ts';
import type { ServerStatus, StackStatus } from './provider.ts';
import { createStack } from './providers.ts';

export interface StackCommandOptions {
  readonly owner: StackOwner;
  readonly environment: NodeJS.ProcessEnv;
  /** Brings servers that answer to what the application needs of them. */
  readonly setUp: (addresses: ServerAddresses) => Promise<void>;
  readonly print: (text: string) => void;
  readonly report: (text: string) => void;
}

/** The servers that an application needs: up, down, and where they are. */
export function createStackCommand({ owner, environment, setUp, print, report }: StackCommandOptions): Command {
  const stack = () => createStack(owner, environment, report);
  const notUp = `the stack is not up: ${owner.command} up`;
  const command = new Command('stack').description('The servers that Sagaline needs: up, down, and where they are.');

  command
    .command('up')
    .description('start what does not run, migrate the database, create topics, register search attributes')
    .action(async () => {
      const provider = stack();
      await setUp(await provider.up());
      print(describe(await provider.status(), notUp));
    });

  command
    .command('down')
    .description('stop what `up` started, and discard its data unless SAGALINE_STACK_PERSIST=true')
    .action(async () => {
      await stack().down();
    });

  command
    .command('status')
    .description('show every server; exit code 1 unless all answer')
    .option('--json', 'print one JSON object')
    .action(async ({ json }: { json?: true }) => {
      const status = await stack().status();
      const { addresses, ...rest } = status;
      print(json ? JSON.stringify({ ...addresses, ...rest }) : describe(status, notUp));
      process.exitCode = status.ready ? 0 : 1;
    });

  command
    .command('env')
    .description('print the addresses as environment variables, for eval')
    .action(async () => {
      const { addresses } = await stack().status();
      if (!addresses) throw new Error(notUp);
      for (const [name, value] of Object.entries(environmentOf(addresses))) print(`export ${name}='${value}'`);
    });

  command
    .command('logs')
    .argument(
      '[server]',
      owner.sandbox ? 'temporal, kafka, postgres, payment, sms or smtp' : 'temporal, kafka or postgres',
    )
    .option('-n, --lines <count>', 'lines of each log', '40')
    .description('show the end of the logs')
    .action(async (server: string | undefined, { lines }: { lines: string }) => {
      print(await stack().logs(server, Number(lines)));
    });

  return command;
}

function describe({ provider, addresses, servers }: StackStatus, notUp: string): string {
  if (!addresses) return `T${notUp.slice(1)}`;
  const where: Record<string, string | undefined> = {
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

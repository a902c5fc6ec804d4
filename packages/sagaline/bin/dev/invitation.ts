import { relative } from 'node:path';
import type { ServerAddresses } from '../../dev/addresses.ts';

export interface InvitationOptions {
  readonly name: string;
  readonly addresses: ServerAddresses;
  readonly farEnd: { readonly url: string; readonly variables: readonly string[] } | undefined;
  readonly log: string;
  readonly root: string;
}

/** Where everything is, once it runs. */
export function invitation({ name, addresses, farEnd, log, root }: InvitationOptions): string {
  const { gatewayUrl, temporalUiUrl, kafkaBrokers, databaseUrl } = addresses;
  const lines: readonly (readonly [string, string])[] = [
    ['events', `POST ${gatewayUrl}/v1/events/<type>`],
    ['sagas', `${gatewayUrl}/v1/sagas`],
    ['API', `${gatewayUrl}/openapi.json`],
    ['Temporal UI', temporalUiUrl],
    ['Kafka', kafkaBrokers],
    ['PostgreSQL', databaseUrl],
    ...(farEnd ? [['far end', `${farEnd.url}  (${farEnd.variables.join(', ')})`] as const] : []),
    ['log', relative(root, log)],
  ];
  const where = lines.map(([what, at]) => `  ${what.padEnd(13)}${at}`).join('\n');
  return `\n${name} runs:\n\n${where}\n\nIt starts again when a file changes. Ctrl-C stops it.\n`;
}

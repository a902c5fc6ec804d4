/** The project's docker-compose.yml on ports and under a name of its own. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { addressesOf } from '../../../packages/sagaline/dev/native/addresses.ts';
import { choosePorts, isFree } from '../../../packages/sagaline/dev/native/ports.ts';
import { run } from '../../../packages/sagaline/dev/tools/run.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
/** As many gateways as may be scaled to, and one that takes another's place. */
const GATEWAYS = 4;

/** What docker inspect tells of a container. */
export interface Container {
  readonly Name: string;
  readonly State: { readonly Status: string; readonly ExitCode: number; readonly Health?: { readonly Status: string } };
  readonly Config: { readonly User: string; readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: {
    readonly CapDrop: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly ReadonlyRootfs: boolean;
    readonly Memory: number;
    readonly NanoCpus: number;
    readonly PidsLimit: number | null;
    readonly RestartPolicy: { readonly Name: string };
  };
}

export type ComposeProject = Awaited<ReturnType<typeof openCompose>>;

/** Why a compose file cannot be run here, the project's own unless told; undefined if it can. */
export async function composeMissing(file = 'docker-compose.yml'): Promise<string | undefined> {
  const images = JSON.parse(readFileSync(resolve(ROOT, 'containers/images.json'), 'utf8')) as Record<string, string>;
  const compose = readFileSync(resolve(ROOT, file), 'utf8');
  const needed = Object.entries(images).filter(([name, image]) => name === 'node' || compose.includes(image));
  try {
    await run('docker', ['compose', 'version']);
    await run('docker', ['image', 'inspect', '--format', '{{.Id}}', ...needed.map(([, image]) => image)]);
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).split('\n').at(-1);
  }
}

export async function openCompose(name: string) {
  const ports = await choosePorts({});
  const gateways = await freeRange(ports.gateway);
  const environment = {
    ...process.env,
    COMPOSE_PROFILES: 'full',
    SAGALINE_KAFKA_PORT: String(ports.kafka),
    SAGALINE_TEMPORAL_PORT: String(ports.temporal),
    SAGALINE_TEMPORAL_UI_PORT: String(ports.temporalUi),
    SAGALINE_POSTGRES_PORT: String(ports.postgres),
    SAGALINE_PAYMENT_PORT: String(ports.payment),
    SAGALINE_SMS_PORT: String(ports.sms),
    SAGALINE_SMTP_PORT: String(ports.smtp),
    SAGALINE_GATEWAY_PORT: `${gateways}-${gateways + GATEWAYS - 1}`,
  };
  const docker = (...args: string[]) => run('docker', args, { cwd: ROOT, env: environment });
  const compose = (...args: string[]) => docker('compose', '--project-name', name, ...args);

  return {
    addresses: addressesOf(ports),
    docker,
    compose,
    up: () =>
      compose(
        'up',
        '--detach',
        '--wait',
        ...['gateway', 'worker', 'pipeline'].flatMap((one) => ['--scale', `${one}=2`]),
      ),
    /** Where one of several gateways is, counted from 1. */
    gatewayUrl: async (index = 1) => `http://${await compose('port', '--index', String(index), 'gateway', '8080')}`,
    /** All of them, those that have ended too. */
    async containers(): Promise<Container[]> {
      const ids = (await compose('ps', '--all', '--quiet')).split('\n');
      return JSON.parse(await docker('inspect', ...ids)) as Container[];
    },
    remove: () => compose('down', '--volumes', '--remove-orphans'),
  };
}

/** The first of some consecutive ports that nobody has. */
async function freeRange(first: number): Promise<number> {
  for (let offset = 1; offset < GATEWAYS; offset += 1) {
    if (!(await isFree(first + offset))) return await freeRange(first + offset + 1);
  }
  return first;
}

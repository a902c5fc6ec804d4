/** kcat: a producer and consumer of Kafka that is not ours. */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where kcat is, or what is missing and how to get it. */
export type Kcat = { readonly path: string } | { readonly missing: string };

let found: Promise<Kcat> | undefined;

/** Finds kcat on the path; as root on a Debian system, installs it. Looked for once per process. */
export function findKcat(): Promise<Kcat> {
  found ??= locate();
  return found;
}

async function locate(): Promise<Kcat> {
  const present = await versionOf('kcat');
  if (present) return { path: 'kcat' };
  if (process.getuid?.() === 0) {
    await run('apt-get', ['update', '-qq']).catch(() => undefined);
    await run('apt-get', ['install', '-y', '-qq', 'kcat']).catch(() => undefined);
    if (await versionOf('kcat')) return { path: 'kcat' };
  }
  return { missing: 'kcat is not installed: apt-get install kcat (Debian, Ubuntu), brew install kcat (macOS)' };
}

async function versionOf(command: string): Promise<string | undefined> {
  const answer = await run(command, ['-V']).catch(() => undefined);
  return answer?.stdout;
}

export interface KcatProduce {
  readonly brokers: string;
  readonly topic: string;
  readonly codec?: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
  /** One record each; keys must not contain `|`, values no line feed. */
  readonly records: readonly { readonly key?: string; readonly value: string }[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Names of headers that have no value: null in Kafka's format. */
  readonly bareHeaders?: readonly string[];
  /** How keys are hashed to partitions; kcat's own default differs from the Java client's. */
  readonly partitioner?: 'consistent_random' | 'murmur2';
}

/** Produces and waits for the acknowledgements. */
export async function kcatProduce(options: KcatProduce): Promise<void> {
  const {
    brokers,
    topic,
    codec = 'none',
    records,
    headers = {},
    bareHeaders = [],
    partitioner = 'consistent_random',
  } = options;
  const given = [...Object.entries(headers).map(([name, value]) => `${name}=${value}`), ...bareHeaders];
  const flags = given.flatMap((header) => ['-H', header]);
  const settings = [`topic.partitioner=${partitioner}`, 'message.max.bytes=8000000', 'linger.ms=50'];
  const kcat = spawn(
    'kcat',
    [
      '-b',
      brokers,
      '-P',
      '-t',
      topic,
      '-z',
      codec,
      '-K',
      '|',
      ...settings.flatMap((setting) => ['-X', setting]),
      ...flags,
    ],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
    },
  );
  const said: Buffer[] = [];
  kcat.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  kcat.stdin.end(records.map(({ key = '', value }) => `${key}|${value}\n`).join(''));
  const [code] = (await once(kcat, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`kcat could not produce to ${topic}: ${Buffer.concat(said).toString()}`);
}

/** Produces one record whose value is a file's content, which may be large where it compresses well. */
export async function kcatProduceFile(options: {
  readonly brokers: string;
  readonly topic: string;
  readonly codec: NonNullable<KcatProduce['codec']>;
  readonly path: string;
}): Promise<void> {
  const { brokers, topic, codec, path } = options;
  const settings = ['-X', 'message.max.bytes=1000000000', '-X', 'batch.size=1000000000'];
  await run('kcat', ['-b', brokers, '-P', '-t', topic, '-k', 'k', '-z', codec, ...settings, path]);
}

/** Reads a topic to its end; one line per record in kcat's `format`. */
export function kcatRead(brokers: string, topic: string, format: string): string[] {
  const out = execFileSync('kcat', ['-b', brokers, '-C', '-e', '-q', '-t', topic, '-f', `${format}\n`], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return out.split('\n').filter(Boolean);
}

/** The examples of docs/producers.md, run as a reader would run them. What cannot be run here says why. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cacheDirectory } from '../../../../packages/sagaline/dev/tools/cache.ts';
import { installKafka } from '../../../../packages/sagaline/dev/tools/kafka.ts';
import { installJava } from '../../../../packages/sagaline/dev/tools/java.ts';

const EXAMPLES = join(import.meta.dirname, '../../../../docs/examples/producers');
/** Compiling is part of it, on a machine that has other things to do. */
const TIMEOUT_MS = 120_000;

const exec = promisify(execFile);

/** A program that takes brokers, user id and order id, and prints the offset of each of the two events. */
export interface Example {
  readonly language: string;
  run(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<string>;
}

export type Candidate = Example | { readonly language: string; readonly missing: string };

const run = async (command: string, args: readonly string[], env: Record<string, string> = {}, cwd = EXAMPLES) =>
  (await exec(command, args, { cwd, env: { ...process.env, ...env }, timeout: TIMEOUT_MS })).stdout;

const works = (command: string, ...args: string[]): Promise<string | undefined> =>
  run(command, args).catch(() => undefined);

/** One source file, compiled by `java` itself: that takes a JDK. The jars are the ones that the stack's own broker runs on. */
export async function java(): Promise<Candidate> {
  const language = 'Java';
  const javaCommand = await installJava(cacheDirectory());
  const modules = await works(javaCommand, '--list-modules');
  if (!modules?.includes('jdk.compiler'))
    return { language, missing: 'needs a JDK: apt-get install openjdk-17-jdk-headless' };
  const { classPath } = await installKafka(cacheDirectory());
  return { language, run: (args, env) => run(javaCommand, ['-cp', classPath, 'java/Producer.java', ...args], env) };
}

export async function python(): Promise<Candidate> {
  const language = 'Python';
  const installed = await works('python3', '-c', 'import confluent_kafka');
  if (installed === undefined) return { language, missing: 'needs Python 3 with: pip install confluent-kafka' };
  return { language, run: (args, env) => run('python3', ['python/producer.py', ...args], env) };
}

/** Built from what `go mod download` has put into the module cache: a test gets nothing from the network. */
export async function go(): Promise<Candidate & { close(): Promise<void> }> {
  const language = 'Go';
  const directory = await mkdtemp(join(tmpdir(), 'sagaline-producer-'));
  const close = () => rm(directory, { recursive: true, force: true });
  const binary = join(directory, 'producer');
  const environment = { GOFLAGS: '-mod=readonly', GOPROXY: 'off', GOTOOLCHAIN: 'local' };
  const built = await run('go', ['build', '-o', binary, '.'], environment, join(EXAMPLES, 'go')).catch(() => undefined);
  if (built === undefined) {
    return { language, missing: 'needs Go, and: (cd docs/examples/producers/go && go mod download)', close };
  }
  return { language, run: (args, env) => run(binary, args, env), close };
}

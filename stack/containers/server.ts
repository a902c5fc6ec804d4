/** One server in a container: started, watched until it answers, and whatever a fault test wants to do to it. */
import { GenericContainer, type WaitStrategy } from 'testcontainers';
import { ServerFailed } from '../../packages/sagaline/dev/native/server.ts';
import { untilHealthy, type HealthCheck } from '../../packages/sagaline/dev/health/wait.ts';
import type { Engine } from './engine.ts';

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Fixed, so that clients find the server again after it was stopped and started. */
  readonly ports: readonly { readonly container: number; readonly host: number }[];
  readonly answers: HealthCheck;
}

export interface ServerContainer {
  readonly name: string;
  /** Freezes every process in it: connections stay open, and nobody answers. */
  pause(): Promise<void>;
  unpause(): Promise<void>;
  /** As `docker stop`, and as `docker kill`. What it stored is there when it starts again. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Resolves when it answers. @throws ServerFailed */
  start(): Promise<void>;
}

/** The label by which the reaper finds what belongs to one stack. */
const STACK_LABEL = 'sagaline.stack';

const START_TIMEOUT_MS = 120_000;
/** Between SIGTERM and SIGKILL. */
const STOP_SECONDS = 20;
const TAIL_LINES = 25;
type Container = ReturnType<Engine['container']['getById']>;

/** @param stack the value of the label @throws ServerFailed */
export async function startContainer(spec: ContainerSpec, engine: Engine, stack: string): Promise<ServerContainer> {
  const started = await new GenericContainer(spec.image)
    .withCommand([...(spec.command ?? [])])
    .withEnvironment({ ...spec.environment })
    .withExposedPorts(...spec.ports)
    .withLabels({ [STACK_LABEL]: stack })
    .withWaitStrategy(untilItAnswers(spec))
    .start();
  const container = engine.container.getById(started.getId());
  return {
    name: spec.name,
    pause: () => container.pause(),
    unpause: () => container.unpause(),
    stop: () => container.stop({ t: STOP_SECONDS }),
    kill: () => container.kill(),
    async start() {
      await container.start();
      await answering(spec, container);
    },
  };
}

/** Our own health checks, by protocol, as for a native server. */
function untilItAnswers(spec: ContainerSpec): WaitStrategy {
  const strategy: WaitStrategy = {
    waitUntilReady: (container) => answering(spec, container),
    withStartupTimeout: () => strategy,
    isStartupTimeoutSet: () => true,
    getStartupTimeout: () => START_TIMEOUT_MS,
  };
  return strategy;
}

async function answering({ name, answers }: ContainerSpec, container: Container): Promise<void> {
  const over = new AbortController();
  // Resolves when the container ends, so that nobody waits for what has died.
  const ended = container.wait({ abortSignal: over.signal }).then(
    ({ StatusCode }: { StatusCode: number }) => {
      over.abort(new Error(`it ended with code ${StatusCode}`));
    },
    () => undefined,
  );
  try {
    await untilHealthy(answers, START_TIMEOUT_MS, over.signal);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const log = await tailOf(container);
    throw new ServerFailed(`${name} does not answer in its container (${detail}); the end of its log:\n${log}`, {
      cause: error,
    });
  } finally {
    over.abort();
    await ended;
  }
}

/** The last lines of what the container said. */
async function tailOf(container: Container): Promise<string> {
  const log = await container.logs({ stdout: true, stderr: true, tail: TAIL_LINES }).catch(() => Buffer.alloc(0));
  return linesOf(log).trimEnd();
}

/** Docker frames what came from the two streams: one byte for the stream, three of nothing, four for the length. */
function linesOf(frames: Buffer): string {
  let text = '';
  for (let at = 0; at + 8 <= frames.length; at += 8 + frames.readUInt32BE(at + 4)) {
    text += frames.toString('utf8', at + 8, at + 8 + frames.readUInt32BE(at + 4));
  }
  return text;
}

import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

export const STANDARD_PORTS = {
  temporal: 7233,
  temporalUi: 8233,
  kafka: 9092,
  kafkaController: 9093,
  postgres: 5432,
  payment: 8090,
  sms: 8091,
  smtp: 1025,
  gateway: 8080,
} as const;

export type PortName = keyof typeof STANDARD_PORTS;
export type Ports = Record<PortName, number>;

// Below the range from which the kernel takes the ports of outgoing connections, so that none of those takes one of ours
// between our look and the server's bind.
const LOWEST = 15_000;
const HIGHEST = 32_000;

/** True when nobody listens on `port` of the loopback interface, nor on all interfaces. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    if (!(await canBind(port, host))) return false;
  }
  return true;
}

/** A port that is free, of those that servers of ours take. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(port)) return port;
  }
}

function canBind(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Chooses a port for every name: the one in `keep` without a question (its server runs), else the preferred one when it is
 * free, else any that is free. All are different.
 */
export async function choosePorts(
  preferred: Partial<Ports>,
  keep: Partial<Ports> = {},
  free: (port: number) => Promise<boolean> = isFree,
): Promise<Ports> {
  const taken = new Set(Object.values(keep));
  const chosen: Partial<Ports> = { ...keep };
  for (const name of Object.keys(STANDARD_PORTS) as PortName[]) {
    let port = chosen[name] ?? preferred[name];
    if (chosen[name] === undefined) {
      while (port === undefined || taken.has(port) || !(await free(port))) port = randomInt(LOWEST, HIGHEST);
      taken.add(port);
      chosen[name] = port;
    }
  }
  return chosen as Ports;
}

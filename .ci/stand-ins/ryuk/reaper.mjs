/**
 * Removes what Testcontainers left behind. A test process connects, sends one filter a line (`label=key=value&…`), and is
 * answered `ACK`. When the last connection has been gone for RYUK_RECONNECTION_TIMEOUT, everything that matches a filter
 * is removed, and this process ends. It also ends, removing nothing, if nobody connects in RYUK_CONNECTION_TIMEOUT.
 */
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { createDocker } from './docker.mjs';

const { env } = process;
const docker = createDocker(env.DOCKER_HOST?.replace('unix://', '') ?? '/var/run/docker.sock');
const reconnectionMs = milliseconds(env.RYUK_RECONNECTION_TIMEOUT ?? '10s');
const filters = new Map();
let connections = 0;

let ending = setTimeout(
  () => {
    log('no connection came: nothing to remove');
    process.exit(1);
  },
  milliseconds(env.RYUK_CONNECTION_TIMEOUT ?? '60s'),
);

const server = createServer((socket) => {
  clearTimeout(ending);
  connections += 1;
  socket.on('error', (error) => log(`connection: ${error.message}`));
  socket.on('close', () => {
    connections -= 1;
    if (connections === 0) ending = setTimeout(() => void end(), reconnectionMs);
  });
  createInterface({ input: socket }).on('line', (line) => {
    const text = line.trim();
    if (!text) return;
    filters.set(text, parse(text));
    socket.write('ACK\n');
  });
});

const port = Number(env.RYUK_PORT ?? 8080);
server.listen(port, () => log(`Started on port ${port}`));
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void end());

/** `label=a=b&label=c&health=unhealthy` -> { label: ['a=b', 'c'], health: ['unhealthy'] } */
function parse(text) {
  const parsed = {};
  for (const [name, value] of new URLSearchParams(text)) (parsed[name] ??= []).push(value);
  return parsed;
}

async function end() {
  server.close();
  const removed = await docker.removeAll([...filters.values()], log);
  const counts = Object.entries(removed).map(([kind, count]) => `${count} ${kind}`);
  log(`removed ${counts.join(', ')}`);
  process.exit(0);
}

/** Durations as Go writes them: 1m30s, 500ms. */
function milliseconds(text) {
  const units = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) total += Number(amount) * units[unit];
  return total;
}

function log(text) {
  process.stdout.write(`${new Date().toISOString()} ${text}\n`);
}

/** What `npm create sagaline` writes, in containers: its compose.yml, its image with the tarball that npm would publish. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRepository } from '../../packages/create-sagaline/create.mjs';
import { choosePorts, freePort } from '../../packages/sagaline/dev/native/ports.ts';
import { createTemporaryDirectory } from '../../packages/sagaline/dev/temporary.ts';
import { run } from '../../packages/sagaline/dev/tools/run.ts';
import { packInto } from '../integration/newcomer/pack.ts';
import { composeMissing } from './support/compose.ts';

const missing = await composeMissing('packages/create-sagaline/template/compose.yml');
if (missing) process.stdout.write(`the scaffold's compose file is not tested here: ${missing}\n`);

const KEY = { authorization: 'Bearer local-key-not-a-secret', 'Content-Type': 'application/json' };

/** As containers/compose/build-behind-proxy.yml: packages come by this machine's network, npm configuration and CA, if it has some. */
const BY_THIS_MACHINE = `
services:
  app: { build: { network: host, secrets: [npmrc, ca] } }
secrets:
  npmrc: { file: '\${BUILD_NPMRC:-/dev/null}' }
  ca: { file: '\${BUILD_CA:-/dev/null}' }
`;
const WITH_SECRETS = [
  'RUN --mount=type=secret,id=npmrc,target=/root/.npmrc --mount=type=secret,id=ca,target=/run/secrets/ca.pem',
  'if [ -s /run/secrets/ca.pem ]; then export NODE_EXTRA_CA_CERTS=/run/secrets/ca.pem; fi;',
  'npm install',
].join(' ');

describe.skipIf(missing !== undefined)('the scaffold in containers', { timeout: 600_000 }, () => {
  let gateway: string;
  let compose: (...args: string[]) => Promise<string>;
  let remove: () => Promise<unknown>;

  beforeAll(async () => {
    const temporary = await createTemporaryDirectory('scaffold');
    const tarball = await packInto(temporary.directory);
    const { root } = await createRepository(join(temporary.directory, 'my-shop'), { sagaline: tarball });
    await takeAlong(root, tarball);
    const [ports, gatewayPort, farEndPort] = [await choosePorts({}), await freePort(), await freePort()];
    gateway = `http://127.0.0.1:${gatewayPort}`;
    const npmrc = process.env['NPM_CONFIG_USERCONFIG'] ?? join(homedir(), '.npmrc');
    const env = {
      ...process.env,
      ...{ SAGALINE_KAFKA_PORT: String(ports.kafka), SAGALINE_POSTGRES_PORT: String(ports.postgres) },
      ...{ SAGALINE_TEMPORAL_PORT: String(ports.temporal), SAGALINE_TEMPORAL_UI_PORT: String(ports.temporalUi) },
      ...{ SAGALINE_GATEWAY_PORT: String(gatewayPort), SAGALINE_FAR_END_PORT: String(farEndPort) },
      ...(existsSync(npmrc) ? { BUILD_NPMRC: npmrc } : {}),
      ...(process.env['NODE_EXTRA_CA_CERTS'] ? { BUILD_CA: process.env['NODE_EXTRA_CA_CERTS'] } : {}),
    };
    const project = [
      '--project-name',
      `scaffold-${randomUUID().slice(0, 8)}`,
      '--file',
      'compose.yml',
      '--file',
      'by-machine.yml',
    ];
    compose = (...args) => run('docker', ['compose', ...project, ...args], { cwd: root, env });
    remove = async () => {
      await compose('down', '--volumes', '--remove-orphans', '--rmi', 'local');
      await temporary.remove();
    };
    await compose('build', 'app');
    await compose('up', '--detach', '--wait', '--no-build');
  }, 500_000);
  afterAll(() => remove(), 120_000);

  /** A tarball is none of the files that the image takes, and needs the machine's way to the registry. */
  async function takeAlong(root: string, tarball: string): Promise<void> {
    const name = basename(tarball);
    await writeFile(join(root, name), await readFile(tarball));
    const edit = async (file: string, of: (text: string) => string) => {
      const before = await readFile(join(root, file), 'utf8');
      const after = of(before);
      expect(after, file).not.toBe(before);
      await writeFile(join(root, file), after);
    };
    await edit('package.json', (text) => text.replace(/"sagaline": "file:[^"]*"/, `"sagaline": "file:${name}"`));
    await edit('compose.yml', (text) =>
      text.replace('COPY package*.json ./', `COPY package*.json ${name} ./`).replace('RUN npm install', WITH_SECRETS),
    );
    await writeFile(join(root, 'by-machine.yml'), BY_THIS_MACHINE);
    await rm(join(root, 'node_modules'), { recursive: true, force: true });
  }

  test('a booking that is asked for is confirmed', async () => {
    const asked = await fetch(`${gateway}/v1/events/booking.requested`, {
      method: 'POST',
      headers: KEY,
      body: JSON.stringify({ bookingId: 'b-1', house: 'lakeview', nights: 2, card: 'tok_1' }),
    });
    expect(asked.status).toBe(202);
    const state = async () => {
      const response = await fetch(`${gateway}/v1/sagas/bookingSaga:b-1`, { headers: KEY });
      return response.ok ? ((await response.json()) as { state: string }).state : response.status;
    };
    await expect.poll(state, { timeout: 60_000, interval: 100 }).toBe('completed');
  });

  test('nothing runs as root, and the operator has the command line', async () => {
    expect(await compose('exec', '-T', 'app', 'id', '-un')).toBe('node');
    expect(await compose('run', '--rm', '--no-deps', 'app', 'saga', '--help')).toContain('Usage: saga');
  });
});

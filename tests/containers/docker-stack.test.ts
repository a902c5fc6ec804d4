/** The servers by docker compose, as `SAGALINE_STACK=docker npm run stack` brings them up. Needs the images of the compose file. */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDockerStack } from '../../packages/sagaline/dev/docker.ts';
import { createCompose, dockerMissing } from '../../packages/sagaline/dev/docker/compose.ts';
import { stateDirectoryOf } from '../../packages/sagaline/dev/native.ts';
import { REFERENCE } from '../../stack/reference.ts';
import { imagesMissing } from './support/images.ts';

const IMAGES = ['postgres', 'apache/kafka', 'temporalio/server', 'temporalio/admin-tools', 'temporalio/ui'];
const docker = promisify(execFile);

const name = `test-${randomUUID().slice(0, 8)}`;
const stack = createDockerStack({ owner: REFERENCE, name, persist: false });
const compose = createCompose({ composeFile: REFERENCE.composeFile, project: `sagaline-${name}` });
let missing: string | undefined;

beforeAll(async () => {
  missing = (await dockerMissing()) ?? (await imagesMissing(IMAGES));
});

afterAll(async () => {
  await stack.down();
  for (const rest of ['.docker', '.docker.lock']) {
    await rm(`${stateDirectoryOf(REFERENCE, name)}${rest}`, { recursive: true, force: true });
  }
});

test(
  'comes up, is as it was when told so twice, mends what stopped, and leaves nothing',
  { timeout: 600_000 },
  async (context) => {
    if (missing) return context.skip(missing);
    const containers = () => compose('ps', '--all', '--quiet', 'kafka', 'postgres', 'temporal', 'temporal-ui');
    expect(await stack.status()).toMatchObject({ ready: false, servers: [] });

    const addresses = await stack.up();
    expect(await stack.status()).toMatchObject({ provider: 'docker', ready: true, addresses });
    const first = await containers();
    expect(await stack.up()).toEqual(addresses);
    expect(await containers()).toBe(first);

    await compose('stop', 'kafka');
    const { ready, servers } = await stack.status();
    expect(ready).toBe(false);
    expect(servers.filter(({ state }) => state === 'down').map((server) => server.name)).toEqual(['kafka']);
    expect(await stack.up()).toEqual(addresses);
    expect(await stack.status()).toMatchObject({ ready: true });

    expect(await stack.logs('postgres', 5)).toContain('postgres-1');
    expect(await stack.logs('payment', 5)).toContain('"ready":true');
    await expect(stack.logs('nobody', 5)).rejects.toThrow('nobody');

    await stack.down();
    expect(await stack.status()).toMatchObject({ ready: false, addresses: undefined });
    const label = `label=com.docker.compose.project=sagaline-${name}`;
    for (const what of [
      ['ps', '--all'],
      ['volume', 'ls'],
      ['network', 'ls'],
    ]) {
      expect((await docker('docker', [...what, '--quiet', '--filter', label])).stdout).toBe('');
    }
  },
);

/** What the image's health check asks, and that the compose file names this version. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { probesOf } from '../../../containers/image/probes.ts';
import { COMMANDS } from '../../../containers/image/commands.ts';
import { FOLLOW_UP_SETTINGS } from '../../../stack/demo/follow-up.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

describe('the health check', () => {
  const image = { HTTP_HOST: '0.0.0.0' };

  test.each<[string, string[], Record<string, string>, string[]]>([
    ['gateway', [], {}, ['http://127.0.0.1:8080/readyz']],
    ['gateway', [], { HTTP_PORT: '9000' }, ['http://127.0.0.1:9000/readyz']],
    ['gateway', ['--only', 'relay'], {}, ['http://127.0.0.1:8081/readyz']],
    ['gateway', [], { GATEWAY_PARTS: 'consumer', HEALTH_PORT: '9001' }, ['http://127.0.0.1:9001/readyz']],
    ['worker', [], {}, ['http://127.0.0.1:8081/readyz']],
    ['worker', [], { HEALTH_PORT: 'off' }, []],
    ['pipeline', [], {}, ['http://127.0.0.1:8081/readyz']],
    ['all-in-one', [], { HTTP_HOST: '::' }, ['http://[::1]:8080/readyz']],
    ['all-in-one', [], { HTTP_HOST: '10.0.0.7' }, ['http://10.0.0.7:8080/readyz']],
    ['sandbox', [], {}, ['http://127.0.0.1:8090/healthz', 'http://127.0.0.1:8091/healthz']],
    ['migrate', [], {}, []],
  ])('of %s %j with %j', (command, args, own, urls) => {
    expect(probesOf([command, ...args], { ...image, ...own })).toEqual(urls);
  });

  test('knows every command that stays', () => {
    const stays = Object.keys(COMMANDS).filter((command) => !['migrate', 'saga', 'demo'].includes(command));
    for (const command of stays) expect(probesOf([command], image), command).not.toEqual([]);
  });
});

describe('docker-compose.yml', () => {
  const compose = read('docker-compose.yml');

  test('names the images by the version of the package', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    const tags = [...compose.matchAll(/image: (sagaline[a-z-]*):(\S+)/g)].map(([, name, tag]) => `${name}:${tag}`);
    expect(new Set(tags)).toEqual(new Set([`sagaline:${version}`, `sagaline-sandbox:${version}`]));
  });

  test('lets the demo’s sign-ups end in time', () => expect(compose).toContain(FOLLOW_UP_SETTINGS));

  test('publishes ports on the loopback interface only', () => {
    const published = [...compose.matchAll(/'([^']*\$\{SAGALINE_\w+_PORT:-\d+\}):(\d+)'/g)].map(([, host]) => host);
    expect(published).toHaveLength(8);
    for (const host of published) expect(host).toMatch(/^127\.0\.0\.1:/);
  });
});

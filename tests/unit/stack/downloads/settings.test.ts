import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mavenSettings } from '../../../../packages/sagaline/dev/tools/downloads/maven-settings.ts';
import { pipSettings } from '../../../../packages/sagaline/dev/tools/downloads/pip-settings.ts';
import { proxyOf } from '../../../../packages/sagaline/dev/tools/downloads/proxy.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sagaline-home-'));
  vi.stubEnv('HOME', home);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

async function write(path: string, text: string): Promise<string> {
  await mkdir(dirname(join(home, path)), { recursive: true });
  await writeFile(join(home, path), text);
  return join(home, path);
}

describe("pip's settings", () => {
  const addresses = (env: NodeJS.ProcessEnv) => pipSettings(env).indexes.map(({ url }) => url.href);

  it('are PyPI where nobody says anything', () => {
    expect(addresses({ PIP_CONFIG_FILE: '/dev/null' })).toEqual(['https://pypi.org/simple/']);
  });

  it('are read from the files, the later one before the earlier one, the environment before both', async () => {
    await write('.config/pip/pip.conf', '[global]\nindex-url = https://user.example/simple\ncert = /ca.pem\n');
    const PIP_CONFIG_FILE = await write('own.conf', '[install]\nindex_url: https://own.example/simple/\n');
    expect(addresses({})).toEqual(['https://user.example/simple/']);
    expect(pipSettings({ PIP_CONFIG_FILE }).indexes[0]).toMatchObject({ certificates: '/ca.pem' });
    expect(addresses({ PIP_CONFIG_FILE })).toEqual(['https://own.example/simple/']);
    expect(addresses({ PIP_CONFIG_FILE, PIP_INDEX_URL: 'https://env.example' })).toEqual(['https://env.example/']);
  });

  it('may have several indexes, on several lines, and directories before them', async () => {
    const PIP_CONFIG_FILE = await write(
      'own.conf',
      [
        '# ours',
        '[global]',
        'index-url = https://me:s%40crt@one.example/simple',
        'extra-index-url =',
        '    https://two.example/simple',
        '    https://three.example/simple',
        'find-links = /opt/wheels',
        '  https://links.example/',
        'proxy = http://proxy.example:3128',
      ].join('\n'),
    );
    const { indexes, directories } = pipSettings({ PIP_CONFIG_FILE });
    expect(indexes.map(({ url }) => url.href)).toEqual([
      'https://one.example/simple/',
      'https://two.example/simple/',
      'https://three.example/simple/',
    ]);
    expect(indexes[0]?.authorization).toBe(`Basic ${Buffer.from('me:s@crt').toString('base64')}`);
    expect(indexes[1]?.authorization).toBeUndefined();
    expect(indexes[0]?.proxy?.host).toBe('proxy.example:3128');
    expect(directories).toEqual(['/opt/wheels']);
  });

  it('may forbid every index', () => {
    expect(addresses({ PIP_CONFIG_FILE: '/dev/null', PIP_NO_INDEX: '1' })).toEqual([]);
  });
});

describe("Maven's settings", () => {
  const addresses = (env: NodeJS.ProcessEnv = {}) => mavenSettings(env).repositories.map(({ url }) => url.href);
  const central = 'https://repo1.maven.org/maven2/';

  it('are Central and ~/.m2 where nobody says anything', () => {
    expect(addresses()).toEqual([central]);
    expect(mavenSettings({}).local).toBe(join(home, '.m2/repository'));
  });

  it.each(['*', 'central', 'external:*', 'other, central'])('may have a mirror of %s', async (mirrorOf) => {
    const mirror = `<mirror><id>m</id><mirrorOf>${mirrorOf}</mirrorOf><url>https://mirror.example/maven</url></mirror>`;
    await write('.m2/settings.xml', `<settings><mirrors>${mirror}</mirrors></settings>`);
    expect(addresses()).toEqual(['https://mirror.example/maven/']);
  });

  it.each(['other', '*,!central', 'external:http:*'])(
    'may have a mirror of %s, which is not for us',
    async (mirrorOf) => {
      const mirror = `<mirror><id>m</id><mirrorOf>${mirrorOf}</mirrorOf><url>https://mirror.example/maven</url></mirror>`;
      await write(
        '.m2/settings.xml',
        `<settings><!-- <mirrorOf>*</mirrorOf> --><mirrors>${mirror}</mirrors></settings>`,
      );
      expect(addresses()).toEqual([central]);
    },
  );

  it('have name and password for a mirror, a local repository and a proxy', async () => {
    await write(
      '.m2/settings.xml',
      `<settings>
        <localRepository>\${user.home}/jars</localRepository>
        <servers><server><id>m</id><username>me</username><password>\${env.SECRET}&amp;</password></server></servers>
        <mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>https://mirror.example/maven</url></mirror></mirrors>
        <proxies><proxy><active>true</active><host>proxy.example</host><port>3128</port></proxy></proxies>
      </settings>`,
    );
    const { repositories, local } = mavenSettings({ SECRET: 'crt' });
    expect(local).toBe(join(home, 'jars'));
    expect(repositories[0]?.authorization).toBe(`Basic ${Buffer.from('me:crt&').toString('base64')}`);
    expect(repositories[0]?.proxy?.host).toBe('proxy.example:3128');
  });

  it('may name repositories in a profile, which count when it is active', async () => {
    const profile = (id: string) =>
      `<profile><id>${id}</id><repositories><repository><id>central</id><url>https://${id}.example</url></repository></repositories></profile>`;
    await write(
      '.m2/settings.xml',
      `<settings><profiles>${profile('on')}${profile('off')}</profiles><activeProfiles><activeProfile>on</activeProfile></activeProfiles></settings>`,
    );
    expect(addresses()).toEqual(['https://on.example/']);
  });
});

describe('the proxy of the environment', () => {
  const env = {
    HTTPS_PROXY: 'http://secure.example:3128',
    http_proxy: 'plain.example',
    NO_PROXY: '.corp.example,here',
  };

  it.each([
    ['https://pypi.org/simple/', 'http://secure.example:3128/'],
    ['http://mirror.example/', 'http://plain.example/'],
    ['https://nexus.corp.example/', undefined],
    ['https://here/', undefined],
  ])('for %s is %s', (target, proxy) => {
    expect(proxyOf(new URL(target), env)?.href).toBe(proxy);
  });
});

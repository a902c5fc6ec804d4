import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import images from '../../../containers/images.json' with { type: 'json' };
import { groups, named, recipes, UnknownStandIn } from '../../../.ci/stand-ins/recipes.ts';
import { KAFKA_LIBRARIES } from '../../../.ci/stand-ins/payloads/kafka.ts';
import { KAFKA } from '../../../packages/sagaline/dev/tools/downloads/pinned-jars.ts';
import { NODE_22, TEMPORAL } from '../../../packages/sagaline/dev/tools/downloads/pinned-wheels.ts';
import { TEMPORAL_SERVER, TEMPORAL_UI } from '../../../.ci/stand-ins/payloads/go.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const officials = Object.values(images);

describe('the images', () => {
  it('are pinned to one version each', () => {
    for (const image of officials) expect(image).toMatch(/:\d+\.\d+(\.\d+)?(-[a-z-]+)?$/);
  });

  it.each(['docker-compose.yml', 'Dockerfile'])('of %s are those of images.json', (file) => {
    const used = [...read(file).matchAll(/^(?:\s*image:\s+|FROM\s+|ARG \w+_IMAGE=)(\S+)/gm)].map(
      ([, image = '']) => image,
    );
    const foreign = used.filter((image) => image.includes(':') && !image.startsWith('sagaline'));
    expect(foreign.length).toBeGreaterThan(0);
    for (const image of foreign) expect(officials).toContain(image);
  });

  it('of Testcontainers is the one that the installed package asks for', () => {
    const require = createRequire(import.meta.url);
    const reaper = join(require.resolve('testcontainers'), '..', 'reaper', 'reaper.js');
    expect(readFileSync(reaper, 'utf8')).toContain(`"${images.ryuk}"`);
  });

  it('are of the versions that run without Docker, too', () => {
    const version = (image: string) => image.split(':')[1] ?? '';
    expect(KAFKA).toBe(version(images.kafka));
    expect(TEMPORAL.version).toBe(version(images.temporal));
  });
});

describe('the stand-ins', () => {
  it('are there for every image, in the version of its tag', () => {
    expect(officials.filter((image) => !recipes.some(({ tag }) => tag === image))).toEqual([]);
    const version = (image: string) => /:(\d+(\.\d+)+)/.exec(image)?.[1] ?? '';
    expect(KAFKA_LIBRARIES).toContain(`:kafka_2.13:${version(images.kafka)}`);
    expect(version(images.node)).toContain(NODE_22.version);
    expect(TEMPORAL_SERVER).toContain(`@v${version(images['temporal-server'])}`);
    expect(TEMPORAL_SERVER).toContain(`@v${version(images['temporal-admin-tools'])}`);
    expect(TEMPORAL_UI).toContain(`@v${version(images['temporal-ui'])}`);
  });

  it('begin from one another as their Dockerfiles say', () => {
    for (const { folder, from, name } of recipes) {
      if (from === undefined) continue;
      const parent = recipes.find((recipe) => recipe.name === from);
      expect([name, /^FROM (\S+)$/m.exec(readFileSync(join(folder, 'Dockerfile'), 'utf8'))?.[1]]).toEqual([
        name,
        parent?.tag,
      ]);
    }
    expect(existsSync(join(ROOT, '.ci/stand-ins/base/make.sh'))).toBe(true);
  });

  it('are named one by one, by group, or all', () => {
    const names = (...asked: string[]) => named(asked).map(({ name }) => name);
    expect(names()).toEqual(recipes.map(({ name }) => name));
    expect(names('kafka', 'kafka')).toEqual(['kafka']);
    expect(new Set(names('ci', 'temporal-ui'))).toEqual(new Set([...(groups.ci ?? []), 'temporal-ui']));
    expect(() => names('postgre')).toThrow(UnknownStandIn);
    expect(() => names('postgre')).toThrow(/postgre; known are: .*ci.*postgres/);
  });
});

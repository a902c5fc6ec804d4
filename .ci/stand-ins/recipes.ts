/** What each stand-in is made of. */
import { join } from 'node:path';
import { installTemporal } from '../../packages/sagaline/dev/tools/temporal.ts';
import { NODE_22 } from '../../packages/sagaline/dev/tools/downloads/pinned-wheels.ts';
import { installNode } from '../../packages/sagaline/dev/tools/node.ts';
import type { Prerequisite } from '../../packages/sagaline/dev/tools/prerequisites.ts';
import images from '../../containers/images.json' with { type: 'json' };
import { BASE_TAG, debootstrap, installBase } from './base.ts';
import { go, installTemporalServer, installTemporalUi, TEMPORAL_SERVER, TEMPORAL_UI } from './payloads/go.ts';
import { installKafkaLibraries, KAFKA_LIBRARIES, maven } from './payloads/kafka.ts';

/** Files that are downloaded or compiled on this machine and go into the image: place in the context -> path here. */
export type Payload = Readonly<Record<string, string>>;

export interface Recipe {
  readonly name: string;
  readonly tag: string;
  /** Folder of its Dockerfile and of what that copies. */
  readonly folder: string;
  /** The stand-in that its Dockerfile begins from. */
  readonly from?: string;
  /** Says which payload it is, versions included: when it changes, the image is built again. */
  readonly payload: string;
  readonly needs: readonly Prerequisite[];
  fetch(cache: string): Promise<Payload>;
}

export const BASE = 'base';

const nothing = () => Promise.resolve({});
const temporalCli = async (cache: string) => (await installTemporal(cache)).cli;

const table: readonly Omit<Recipe, 'folder'>[] = [
  {
    name: BASE,
    tag: BASE_TAG,
    payload: 'bookworm',
    needs: [debootstrap],
    fetch: async (cache) => ({ 'rootfs.tar': await installBase(cache) }),
  },
  { name: 'postgres', tag: images.postgres, from: BASE, payload: 'Debian', needs: [], fetch: nothing },
  {
    name: 'kafka',
    tag: images.kafka,
    from: BASE,
    payload: KAFKA_LIBRARIES,
    needs: [maven],
    fetch: async (cache) => ({ libs: await installKafkaLibraries(cache) }),
  },
  {
    name: 'temporal',
    tag: images.temporal,
    from: BASE,
    payload: images.temporal,
    needs: [],
    fetch: async (cache) => ({ 'bin/temporal': await temporalCli(cache) }),
  },
  {
    name: 'node',
    tag: images.node,
    from: BASE,
    payload: `${NODE_22.project}==${NODE_22.version}`,
    needs: [],
    fetch: async (cache) => ({ node: await installNode(NODE_22, cache) }),
  },
  { name: 'ryuk', tag: images.ryuk, from: 'node', payload: '', needs: [], fetch: nothing },
  {
    name: 'temporal-server',
    tag: images['temporal-server'],
    from: BASE,
    payload: TEMPORAL_SERVER,
    needs: [go],
    fetch: async (cache) => ({ 'bin/temporal-server': (await installTemporalServer(cache)).server }),
  },
  {
    name: 'temporal-admin-tools',
    tag: images['temporal-admin-tools'],
    from: BASE,
    payload: `${TEMPORAL_SERVER} ${images.temporal}`,
    needs: [go],
    fetch: async (cache) => {
      const [{ sqlTool, schema }, cli] = await Promise.all([installTemporalServer(cache), temporalCli(cache)]);
      return { 'bin/temporal-sql-tool': sqlTool, 'bin/temporal': cli, schema };
    },
  },
  {
    name: 'temporal-ui',
    tag: images['temporal-ui'],
    from: BASE,
    payload: TEMPORAL_UI,
    needs: [go],
    fetch: async (cache) => {
      const { server, config } = await installTemporalUi(cache);
      return { 'ui-server': server, [join('config', 'docker.yaml')]: config };
    },
  },
];

export const recipes: readonly Recipe[] = table.map((recipe) => ({
  ...recipe,
  folder: join(import.meta.dirname, recipe.name),
}));

/** What the test suite needs comes without a compiler, and in two minutes. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  ci: ['postgres', 'kafka', 'temporal', 'node', 'ryuk'],
  all: recipes.map(({ name }) => name),
};

/** @throws UnknownStandIn */
export function named(names: readonly string[]): Recipe[] {
  const wanted = new Set((names.length > 0 ? names : ['all']).flatMap((name) => groups[name] ?? [name]));
  for (const name of wanted) {
    if (!recipes.some((recipe) => recipe.name === name)) throw new UnknownStandIn(name);
  }
  return recipes.filter(({ name }) => wanted.has(name));
}

export class UnknownStandIn extends Error {
  override readonly name = 'UnknownStandIn';
  constructor(name: string) {
    const known = [...Object.keys(groups), 'compose', ...recipes.map((recipe) => recipe.name)].join(', ');
    super(`there is no stand-in ${name}; known are: ${known}`);
  }
}

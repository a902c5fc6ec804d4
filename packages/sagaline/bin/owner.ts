import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { StackOwner } from '../dev/owner.ts';

const COMPOSE_FILES = ['compose.yml', 'compose.yaml', 'docker-compose.yml', 'docker-compose.yaml'];

/** The repository of an app file: its servers have their state in its `.sagaline`, and no sandbox beside them. */
export function ownerOf(appFile: string): StackOwner {
  const root = dirname(appFile);
  const composeFile = COMPOSE_FILES.map((name) => join(root, name)).find((file) => existsSync(file));
  return {
    // As the folder, so that containers of two repositories have different names.
    name:
      basename(root)
        .replaceAll(/[^A-Za-z0-9_-]/g, '-')
        .replace(/^[^A-Za-z0-9]+/, '') || 'dev',
    root,
    composeFile: composeFile ?? join(root, 'compose.yml'),
    // Temporal's development server has its UI in it.
    composeServices: ['kafka', 'postgres', 'temporal'],
    command: 'npx sagaline stack',
  };
}

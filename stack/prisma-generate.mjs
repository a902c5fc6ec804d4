/** Generates the database clients whose schemas, or Prisma, changed. Plain JavaScript: part of the bootstrap. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = resolve(import.meta.dirname, '..');
/** The engine's tables, and the application's. Each has its client in `generated` beside its schema. */
const FOLDERS = ['packages/sagaline/prisma', 'prisma'];

/** @returns {void} @throws when Prisma refuses a schema */
export function generateClients() {
  for (const folder of FOLDERS) generateClient(folder);
}

function generateClient(folder) {
  const require = createRequire(import.meta.url);
  const prisma = require('prisma/package.json');
  const path = join(ROOT, folder, 'schema.prisma');
  const stampFile = join(ROOT, folder, 'generated/.stamp');
  const stamp = createHash('sha256').update(readFileSync(path)).update(prisma.version).digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return;
  const cli = join(require.resolve('prisma/package.json'), '..', prisma.bin.prisma ?? prisma.bin);
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'generate', '--schema', path], {
    cwd: ROOT,
    encoding: 'utf8',
    // `generate` wants the native engine's file to exist, and does not run it; its download is not needed for anything else.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  });
  if (status !== 0) throw new Error(`prisma generate failed:\n${stdout}${stderr}`);
  writeFileSync(stampFile, stamp);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) generateClients();

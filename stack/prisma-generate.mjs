/** Generates the database client when the schema or Prisma changed. Plain JavaScript: part of the bootstrap. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = resolve(import.meta.dirname, '..');
const STAMP = join(ROOT, 'prisma/generated/.stamp');

/** @returns {void} @throws when Prisma refuses the schema */
export function generateClient() {
  const require = createRequire(import.meta.url);
  const prisma = require('prisma/package.json');
  const schema = readFileSync(join(ROOT, 'prisma/schema.prisma'));
  const stamp = createHash('sha256').update(schema).update(prisma.version).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === stamp) return;
  const cli = join(require.resolve('prisma/package.json'), '..', prisma.bin.prisma ?? prisma.bin);
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, 'generate'], {
    cwd: ROOT,
    encoding: 'utf8',
    // `generate` wants the native engine's file to exist, and does not run it; its download is not needed for anything else.
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  });
  if (status !== 0) throw new Error(`prisma generate failed:\n${stdout}${stderr}`);
  writeFileSync(STAMP, stamp);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) generateClient();

/**
 * npm run build: JavaScript of the package in packages/sagaline/dist, and of the reference application in dist, with migrations,
 * and the workflows bundled for Temporal's sandbox. `-- package` makes the package alone.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';

const ROOT = resolve(import.meta.dirname, '..');
const PACKAGE = join(ROOT, 'packages/sagaline');
/** What the compiler leaves where it is: JavaScript already, or none at all. */
const AS_IT_IS = [
  ...['temporal/saga-entry.cjs', 'kernel/zod-stand-in.cjs', 'prisma/migrations', 'prisma/former'],
  ...['dev/lock.mjs', 'dev/process-identity.mjs', 'dev/native/reaper.mjs', 'dev/tools/opensearch.jars'],
];

async function buildPackage(): Promise<void> {
  const dist = join(PACKAGE, 'dist');
  await rm(dist, { recursive: true, force: true });
  await compile(PACKAGE);
  for (const path of AS_IT_IS) await cp(join(PACKAGE, path), join(dist, path), { recursive: true });
}

/** On the compiled package, as any other application. */
async function buildApplication(): Promise<void> {
  const dist = join(ROOT, 'dist');
  await rm(dist, { recursive: true, force: true });
  await compile(join(ROOT, 'tsconfig.build.json'));
  await cp(join(ROOT, 'prisma/migrations'), join(dist, 'prisma/migrations'), { recursive: true });
  const [{ app }, { bundleSagas }] = await Promise.all([import('../app.ts'), import('sagaline/dev')]);
  const { code } = await bundleSagas(app.sagas, new DefaultLogger('WARN'));
  await writeFile(join(dist, 'workflow-bundle.js'), code);
}

async function compile(project: string): Promise<void> {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const compiler = spawn(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
  const [code] = (await once(compiler, 'exit')) as [number | null];
  if (code !== 0) process.exit(code ?? 1);
}

await buildPackage();
if (process.argv[2] !== 'package') await buildApplication();

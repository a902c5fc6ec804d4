/** npm run build: JavaScript in dist/, with the migrations, and the workflows bundled for Temporal's sandbox. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { DefaultLogger } from '@temporalio/worker';
import { app } from '../app.ts';
import { bundleSagas } from '../gateways/temporal/bundle.ts';

const ROOT = resolve(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
/** JavaScript already, so the compiler leaves it where it is. */
const AS_IT_IS = ['gateways/temporal/saga-entry.cjs', 'workflows/kernel/zod-stand-in.cjs'];

await rm(DIST, { recursive: true, force: true });
await compile();
for (const file of AS_IT_IS) await cp(join(ROOT, file), join(DIST, file));
for (const history of ['prisma/migrations', 'prisma/engine/migrations', 'prisma/former']) {
  await cp(join(ROOT, history), join(DIST, history), { recursive: true });
}
const { code } = await bundleSagas(app.sagas, new DefaultLogger('WARN'));
await writeFile(join(DIST, 'workflow-bundle.js'), code);

async function compile(): Promise<void> {
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const compiler = spawn(process.execPath, [tsc, '-p', join(ROOT, 'tsconfig.build.json')], { stdio: 'inherit' });
  const [code] = (await once(compiler, 'exit')) as [number | null];
  if (code !== 0) process.exit(code ?? 1);
}

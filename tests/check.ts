/** npm run check: everything that can be said without running the code. All parts run, and all failures are shown. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

const CHECKS = {
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
  lint: ['eslint', '.'],
  types: ['tsc'],
  'types of the package': ['tsc', '-p', 'packages/sagaline', '--noEmit'],
  'unused code and dependencies': ['knip'],
  // Holes are errors: a type that a door's signature names and no door exports, an export that nothing is said of.
  'API reference': ['typedoc', '--emit', 'none', '--logLevel', 'Warn'],
} as const;

const failed: string[] = [];
for (const [name, command] of Object.entries(CHECKS)) {
  const check = spawn('npx', ['--no-install', ...command], { stdio: 'inherit' });
  const [code] = (await once(check, 'exit')) as [number | null];
  process.stdout.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${name}\n`);
  if (code !== 0) failed.push(name);
}
process.exitCode = failed.length > 0 ? 1 : 0;

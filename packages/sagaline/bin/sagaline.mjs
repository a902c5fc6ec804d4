#!/usr/bin/env node
/**
 * The command `sagaline`. Plain JavaScript: it makes TypeScript loadable, by the tsx of the repository that it is run in, before
 * anything else is read. Where nothing was compiled, it is the sources that run.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const compiled = new URL('../dist/bin/main.js', import.meta.url);
const isCompiled = existsSync(compiled);
const typescript = !isCompiled || existsSync('app.ts') || process.argv.some((argument) => argument.endsWith('.ts'));

/** Found from the user's repository first: the package does not bring it along. */
function tsx() {
  for (const from of [pathToFileURL(join(process.cwd(), 'package.json')), import.meta.url]) {
    try {
      return pathToFileURL(createRequire(from).resolve('tsx')).href;
    } catch {
      // The next one, or the error below.
    }
  }
  process.stderr.write('app.ts is TypeScript, and tsx is not installed: npm install --save-dev tsx\n');
  return process.exit(2);
}

if (typescript) await import(tsx());
const { main } = await import(isCompiled ? compiled.href : new URL('./main.ts', import.meta.url).href);
await main(process.argv.slice(2), fileURLToPath(import.meta.url));

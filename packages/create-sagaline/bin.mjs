#!/usr/bin/env node
/** npm create sagaline <directory> [-- --sagaline <version or path>] */
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { createRepository, CannotCreate } from './create.mjs';

const USAGE = 'usage: npm create sagaline <directory>, such as my-shop\n';

try {
  const { values, positionals } = parseArgs({ options: { sagaline: { type: 'string' } }, allowPositionals: true });
  const [directory, ...more] = positionals;
  if (!directory || more.length > 0) throw new CannotCreate(USAGE.trimEnd());
  const { root, files } = await createRepository(directory, { sagaline: values.sagaline });
  process.stdout.write(
    `${files.length} files in ${directory}:\n${files.map((file) => `  ${file}\n`).join('')}\n` +
      `Next:\n  cd ${relative(process.cwd(), root) || '.'} && npm install\n  npm run dev\n`,
  );
} catch (error) {
  if (!(error instanceof CannotCreate) && !error.code?.startsWith('ERR_PARSE_ARGS')) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

/** The application of a repository: what its app file exports. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { App } from '../app/define-app.ts';
import { UserError } from './user-error.ts';

const NAMES = ['app.ts', 'app.js'];

/**
 * Takes `--app <file>` out of a command line.
 *
 * @throws UserError when there is no such file
 */
export function appFileOf(args: readonly string[], cwd = process.cwd()): { file: string; rest: string[] } {
  const at = args.indexOf('--app');
  const named = at < 0 ? NAMES : args.slice(at + 1, at + 2);
  const file = named.map((name) => resolve(cwd, name)).find((candidate) => existsSync(candidate));
  if (file) return { file, rest: at < 0 ? [...args] : args.toSpliced(at, 2) };
  throw new UserError(
    at < 0
      ? `there is no app.ts in ${cwd}: run this in the repository of an application, name its file (--app <file>), ` +
          'or begin one: npm create sagaline my-shop'
      : `--app: there is no file ${named[0] ?? '(none was named)'}`,
  );
}

/** @throws UserError when the file exports no `app` */
export async function loadApp(file: string): Promise<App> {
  const exported = (await import(pathToFileURL(file).href)) as { readonly app?: Partial<App> };
  const { app } = exported;
  // A promise of the type alone: it may come from another copy of the package.
  if (app?.sagas instanceof URL && Array.isArray(app.participants)) return app as App;
  throw new UserError(`${file} exports no app: export const app = defineApp({ … })`);
}

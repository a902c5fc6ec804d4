/**
 * The examples in the API reference compile, and those in the package's README.md. Each place is one small application: an example
 * that begins with `// participants/stock.ts` is that file of it, and others import it.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const DOORS = ['node', 'workflow', 'http', 'pipeline', 'opensearch', 'testing'].map((door) =>
  join(ROOT, `packages/sagaline/${door}.ts`),
);
/** Where examples are taken to be: there is no such folder. */
const SHOP = join(ROOT, 'gift-shop');
const FILE = /^\/\/ (\S+\.ts)\n/;
/** Where a newcomer begins. */
const FIRST = [
  ...[
    'defineApp',
    'run',
    'remoteParticipant',
    'localParticipant',
    'recordEvent',
    'defineEvents',
    'defineSaga',
    'remote',
  ],
  ...['local', 'followUp', 'defineRoutes', 'defineProjection', 'defineSearchSubject', 'secret'],
];

const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
  config: object;
};
const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: DOORS }, ts.sys, ROOT);

/** Compiles files of which some are only in memory; what was parsed for one program is parsed for the next one, too. */
const parsed = new Map<string, ts.SourceFile | undefined>();
function programOf(paths: readonly string[], inMemory: ReadonlyMap<string, string> = new Map()): ts.Program {
  const host = ts.createCompilerHost(options);
  const fromDisk = host.getSourceFile.bind(host);
  host.getSourceFile = (path, ...rest) => {
    const text = inMemory.get(path);
    if (text !== undefined) return ts.createSourceFile(path, text, rest[0], true);
    if (!parsed.has(path)) parsed.set(path, fromDisk(path, ...rest));
    return parsed.get(path);
  };
  host.fileExists = (path) => inMemory.has(path) || ts.sys.fileExists(path);
  host.directoryExists = (path) => path.startsWith(SHOP) || ts.sys.directoryExists(path);
  host.readFile = (path) => inMemory.get(path) ?? ts.sys.readFile(path);
  return ts.createProgram({ rootNames: [...paths], options, host });
}

interface Example {
  /** The export that it explains. */
  readonly of: string;
  readonly path: string;
  readonly code: string;
}

function examplesOf(doors: ts.Program): Example[] {
  const checker = doors.getTypeChecker();
  return DOORS.flatMap((door) => {
    const source = doors.getSourceFile(door);
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`${door} exports nothing`);
    return checker.getExportsOfModule(module).flatMap((exported) => {
      const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
      const tags = symbol.getJsDocTags(checker).filter(({ name }) => name === 'example');
      return tags.map(({ text }, index) => {
        const code = ts.displayPartsToString(text);
        const [, path = `${exported.name}-${index}.ts`] = FILE.exec(code) ?? [];
        return { of: exported.name, path: join(SHOP, path), code };
      });
    });
  });
}

/** Its blocks of TypeScript. */
function examplesIn(page: string): Example[] {
  return [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code = ''], index) => {
    const [, path = `block-${index}.ts`] = FILE.exec(code) ?? [];
    return { of: `${page}, ${path}`, path: join(SHOP, 'page', path), code };
  });
}

const explained = examplesOf(programOf(DOORS));
const onThePage = examplesIn('packages/sagaline/README.md');
const examples = [...explained, ...onThePage];

test('what a newcomer begins with has an example', () => {
  const names = new Set(explained.map(({ of }) => of));
  expect(FIRST.filter((name) => !names.has(name))).toEqual([]);
  expect(onThePage).toHaveLength(3);
});

test('no two examples are the same file', () => {
  const paths = examples.map(({ path }) => path);
  expect(paths.filter((path, index) => paths.indexOf(path) < index)).toEqual([]);
});

test('every example compiles, and all of them together', () => {
  const shop = new Map(examples.map(({ path, code }) => [path, code]));
  const program = programOf([...shop.keys()], shop);
  const wrong = examples.flatMap(({ of, path }) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${of}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    );
  });
  expect(wrong).toEqual([]);
});

test('an example that does not compile is found', () => {
  const path = join(SHOP, 'wrong.ts');
  const program = programOf([path], new Map([[path, "import { run } from 'sagaline';\nawait run('no app');\n"]]));
  expect(program.getSemanticDiagnostics(program.getSourceFile(path)).map(({ code }) => code)).toEqual([2345]);
});

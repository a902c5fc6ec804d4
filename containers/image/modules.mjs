/**
 * node containers/image/modules.mjs <target> [<package> …]: copies the packages that production needs from node_modules to
 * <target>, or those that the named ones need beside them; without what only a build, another platform or another database
 * would use. `npm ci --omit=dev` keeps four times as much: it also installs optional peers, such as Prisma's command line.
 */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));

/** Only the bundling of workflows uses it, and the image has the bundle. */
const FOR_BUNDLING = /^@swc\//;
/** Types, sources and maps: nobody reads them at run time. */
const FOR_READERS = /\.(map|ts|cts|mts|tsx|flow|markdown|md)$/i;
const LICENCE = /^(licen[cs]e|notice|copying)/i;
const MACHINE = { x64: 'x86_64', arm64: 'aarch64' }[process.arch];

/** Paths of what is never used here, from the package's name on; directories end in a slash. */
const UNUSED = [
  // Sources of the native part, and its binaries for other platforms.
  /^@temporalio\/core-bridge\/(sdk-core|src|bridge-macros|scripts|ts)\//,
  new RegExp(`^@temporalio/core-bridge/releases/(?!${MACHINE}-unknown-linux-gnu)[^/]`),
  // Query compilers for other databases and module systems.
  /^@prisma\/client\/runtime\/(wasm-compiler|index-browser|query_compiler_(.*\.js$|(?!fast_bg\.postgresql)))/,
  /^rxjs\/(src|dist\/bundles|dist\/esm5?|dist\/types)\//,
];

/** Where in the lockfile a package finds `name`: beside its own packages, or further out. */
function locate(name, from) {
  const outer = from.split('/node_modules/');
  for (let depth = outer.length; depth >= 0; depth -= 1) {
    const path = [...outer.slice(0, depth), name]
      .join('/node_modules/')
      .replace(/^(?!node_modules\/)\/?/, 'node_modules/');
    if (packages[path]) return path;
  }
  return undefined;
}

/** Paths of all that the named packages need: dependencies, optional ones that are here, and peers that are not optional. */
function closureOf(names) {
  const found = new Set();
  const visit = (name, from) => {
    const path = locate(name, from);
    if (!path || found.has(path) || FOR_BUNDLING.test(name) || !existsSync(join(ROOT, path))) return;
    found.add(path);
    // A package of this repository is a link to its folder, below which it may have packages of its own.
    const home = packages[path].link ? packages[path].resolved : path;
    const { dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} } = packages[home];
    const peers = Object.keys(peerDependencies).filter((peer) => !peerDependenciesMeta[peer]?.optional);
    for (const next of [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]) visit(next, home);
  };
  for (const name of names) visit(name, '');
  return found;
}

function isWanted(file) {
  if (LICENCE.test(basename(file))) return true;
  const path = file.split('node_modules/').at(-1);
  return !FOR_READERS.test(path) && !UNUSED.some((pattern) => pattern.test(path) || pattern.test(`${path}/`));
}

function copy(path, target) {
  if (packages[path].link) return copyOurs(packages[path].resolved, join(target, relative('node_modules', path)));
  const source = join(ROOT, path);
  // Packages inside a package are copied by themselves, if they are needed.
  const filter = (file) => relative(source, file).split('/')[0] !== 'node_modules' && isWanted(file);
  cpSync(source, join(target, relative('node_modules', path)), { recursive: true, filter });
}

/** What its tarball would have. */
function copyOurs(folder, target) {
  const { files } = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  for (const file of ['package.json', ...files]) {
    cpSync(join(ROOT, folder, file), join(target, file), { recursive: true, filter: isWanted });
  }
}

const [target, ...named] = process.argv.slice(2);
if (!target) throw new Error('usage: node containers/image/modules.mjs <target> [<package> …]');
const production = closureOf(Object.keys(packages[''].dependencies));
const chosen = named.length > 0 ? [...closureOf(named)].filter((path) => !production.has(path)) : [...production];
for (const path of chosen) copy(path, resolve(target));
process.stdout.write(`${chosen.length} packages in ${target}\n`);

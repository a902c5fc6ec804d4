/** The package index that this machine's pip is configured for, also where there is no pip. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registryAt, type Registry } from './registry.ts';

export interface PipSettings {
  /** In the order in which they are asked. */
  readonly indexes: readonly Registry[];
  /** Local directories to look into before any index. */
  readonly directories: readonly string[];
}

const PYPI = 'https://pypi.org/simple';

/** Of the environment and pip's files, later ones before earlier ones, as pip has it. */
export function pipSettings(env: NodeJS.ProcessEnv = process.env): PipSettings {
  const files = filesOf(env).filter((path) => existsSync(path));
  const settings = Object.assign({}, ...files.map((path) => parse(readFileSync(path, 'utf8')))) as Settings;
  const value = (name: string) => env[`PIP_${name.toUpperCase().replaceAll('-', '_')}`] ?? settings[name];
  const list = (name: string) => (value(name) ?? '').split(/\s+/).filter(Boolean);

  const proxy = value('proxy');
  const certificates = value('cert');
  const common = { ...(proxy ? { proxy: new URL(proxy) } : {}), ...(certificates ? { certificates } : {}) };
  const noIndex = ['1', 'true', 'yes', 'on'].includes((value('no-index') ?? '').toLowerCase());
  const addresses = noIndex ? [] : [value('index-url') ?? PYPI, ...list('extra-index-url')];
  return {
    indexes: addresses.map((address) => registryAt(address, common)),
    directories: list('find-links').flatMap(directoryOf),
  };
}

/** A page of links is not looked at. */
function directoryOf(link: string): readonly string[] {
  if (link.startsWith('file:')) return [fileURLToPath(link)];
  return link.includes('://') ? [] : [link.replace(/^~(?=\/)/, homedir())];
}

function filesOf(env: NodeJS.ProcessEnv): readonly string[] {
  const home = homedir();
  const named = env.PIP_CONFIG_FILE;
  // pip's own way to say: no files.
  if (named === '/dev/null') return [];
  return [
    ...(env.XDG_CONFIG_DIRS ?? '/etc/xdg').split(':').map((directory) => join(directory, 'pip', 'pip.conf')),
    '/etc/pip.conf',
    '/Library/Application Support/pip/pip.conf',
    join(home, '.pip', 'pip.conf'),
    join(home, 'Library', 'Application Support', 'pip', 'pip.conf'),
    join(env.XDG_CONFIG_HOME ?? join(home, '.config'), 'pip', 'pip.conf'),
    ...(env.VIRTUAL_ENV ? [join(env.VIRTUAL_ENV, 'pip.conf')] : []),
    ...(named ? [named] : []),
  ];
}

type Settings = Partial<Record<string, string>>;

/** What is said for all commands, and for `install` and `download`, which is what is done here. */
function parse(text: string): Settings {
  const sections: Record<string, Record<string, string>> = { global: {}, install: {}, download: {} };
  let section: Record<string, string> = {};
  let last: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const header = /^\[(.+)\]/.exec(line)?.[1];
    const [, name, value] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (header !== undefined) section = sections[header] ?? {};
    else if (name !== undefined) section[(last = name.replaceAll('_', '-'))] = (value ?? '').trim();
    // Indented: one more line of the same value.
    else if (last !== undefined) section[last] = `${section[last] ?? ''} ${line.trim()}`.trim();
  }
  return { ...sections.global, ...sections.install, ...sections.download };
}

/** The repositories that this machine's Maven is configured for, also where there is no Maven. */
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { basic, registryAt, type Registry } from './registry.ts';

export interface MavenSettings {
  /** In the order in which they are asked. */
  readonly repositories: readonly Registry[];
  /** Where Maven keeps what it downloaded. */
  readonly local: string;
}

const CENTRAL = { id: 'central', url: 'https://repo1.maven.org/maven2' };

interface Repository {
  readonly id: string;
  readonly url: string;
}

/** Of the user's settings.xml and, after it, the installation's: repositories of active profiles, mirrors, passwords, proxy. */
export function mavenSettings(env: NodeJS.ProcessEnv = process.env): MavenSettings {
  const files = filesOf(env).filter((path) => existsSync(path));
  const texts = files.map((path) => plain(readFileSync(path, 'utf8'), env));
  const all = (tag: string) => texts.flatMap((text) => blocks(text, tag));
  const [active, mirrors, servers] = [activeRepositories(texts), all('mirror'), all('server')];
  const proxy = all('proxy').find((block) => value(block, 'active') !== 'false');

  const repositories = [...active, ...(active.some(({ id }) => id === CENTRAL.id) ? [] : [CENTRAL])];
  return {
    local: texts.map((text) => value(text, 'localRepository')).find(Boolean) ?? join(homedir(), '.m2', 'repository'),
    repositories: repositories.map((repository) => {
      const mirror = mirrors.find((block) => isMirrorOf(value(block, 'mirrorOf') ?? '', repository));
      const id = (mirror && value(mirror, 'id')) ?? repository.id;
      const server = servers.find((block) => value(block, 'id') === id);
      return registryAt((mirror && value(mirror, 'url')) ?? repository.url, {
        ...authorizationOf(server),
        ...(proxy ? { proxy: proxyOf(proxy) } : {}),
      });
    }),
  };
}

function filesOf(env: NodeJS.ProcessEnv): readonly string[] {
  const homes = [env.MAVEN_HOME, env.M2_HOME, '/usr/share/maven'].filter((path) => path !== undefined);
  return [
    join(homedir(), '.m2', 'settings.xml'),
    ...homes.map((path) => join(path, 'conf', 'settings.xml')),
    '/etc/maven/settings.xml',
  ];
}

/** Without comments, with the environment's values in place of `${env.NAME}`. */
function plain(xml: string, env: NodeJS.ProcessEnv): string {
  return xml
    .replaceAll(/<!--[^]*?-->/g, '')
    .replaceAll(/\$\{env\.(\w+)\}/g, (_, name: string) => env[name] ?? '')
    .replaceAll('${user.home}', homedir());
}

/** A settings.xml is written by hand in one plain form: elements without attributes that matter, none within its like. */
const blocks = (xml: string, tag: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, 'g'))].map(([, inner]) => inner ?? '');

function value(xml: string, tag: string): string | undefined {
  const text = blocks(xml, tag)[0]?.trim();
  return text
    ?.replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}

function activeRepositories(texts: readonly string[]): readonly Repository[] {
  const named = new Set(texts.flatMap((text) => blocks(text, 'activeProfile')).map((id) => id.trim()));
  return texts
    .flatMap((text) => blocks(text, 'profile'))
    .filter((block) => named.has(value(block, 'id') ?? '') || value(block, 'activeByDefault') === 'true')
    .flatMap((block) => blocks(block, 'repository'))
    .flatMap((block) => {
      const [id, url] = [value(block, 'id'), value(block, 'url')];
      return id && url ? [{ id, url }] : [];
    });
}

/** `*`, `central`, `external:*`, `external:http:*`, and lists of these with exceptions: `*,!central`. */
function isMirrorOf(pattern: string, { id, url }: Repository): boolean {
  const parts = pattern.split(',').map((part) => part.trim());
  if (parts.includes(`!${id}`)) return false;
  return parts.some((part) => {
    if (part === 'external:*') return !/^file:|\/\/(localhost|127\.0\.0\.1)[:/]/.test(url);
    if (part === 'external:http:*') return url.startsWith('http:') && !/\/\/(localhost|127\.0\.0\.1)[:/]/.test(url);
    return part === '*' || part === id;
  });
}

/** Passwords that Maven encrypted stay Maven's. */
function authorizationOf(server: string | undefined): { authorization?: string } {
  const [user, password] = [server && value(server, 'username'), server && value(server, 'password')];
  return user && password && !/^\{.*\}$/.test(password) ? { authorization: basic(user, password) } : {};
}

function proxyOf(block: string): URL {
  const url = new URL(`http://${value(block, 'host') ?? ''}:${value(block, 'port') ?? '8080'}`);
  url.username = encodeURIComponent(value(block, 'username') ?? '');
  url.password = encodeURIComponent(value(block, 'password') ?? '');
  return url;
}

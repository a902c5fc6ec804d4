/** Where a file can be had from, and how the machine's own settings say to get there. */
export interface Registry {
  /** Ends with a slash. */
  readonly url: URL;
  /** Value of the `authorization` header. */
  readonly authorization?: string;
  /** Proxy of that registry's own settings; else the environment's. */
  readonly proxy?: URL;
  /** Path of a PEM file that is trusted beside those of the machine. */
  readonly certificates?: string;
}

/** Value of an `authorization` header. */
export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** A registry of this address; a name and password in it become a header, and are in no message. */
export function registryAt(address: string, settings: Omit<Registry, 'url'> = {}): Registry {
  const url = new URL(address.endsWith('/') ? address : `${address}/`);
  if (!url.username) return { ...settings, url };
  const authorization = basic(decodeURIComponent(url.username), decodeURIComponent(url.password));
  url.username = '';
  url.password = '';
  return { ...settings, url, authorization };
}

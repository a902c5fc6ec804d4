/** A regular expression as it is printed, with flags: the generator of the document takes the first slash away, and no flags. */
const WITH_FLAGS = /^(.*)\/([dgimsuvy]+)$/s;

/**
 * A document whose patterns are what JSON Schema takes: a regular expression of ECMA-262 and nothing else, to be read as Unicode
 * (2020-12, 6.4), which is what the flag `u` says. A pattern that another flag gives its meaning is left out: the document then
 * says less than what is checked, and nothing that is wrong.
 */
export function withPlainPatterns(document: object): object {
  return JSON.parse(JSON.stringify(document), function reviver(this: unknown, key: string, value: unknown) {
    if (key !== 'pattern' || typeof value !== 'string') return value;
    const [, source, flags] = WITH_FLAGS.exec(value) ?? [];
    if (source === undefined) return unescaped(value);
    return flags === 'u' ? unescaped(source) : undefined;
  }) as object;
}

/** A slash is escaped where it stands between slashes. */
const unescaped = (source: string): string => source.replaceAll('\\/', '/');

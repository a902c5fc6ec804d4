import { inspect } from 'node:util';

/** The same object, which does not show its secrets when it is printed: as JSON, by a logger, by `console.log`. */
export function redacted<T extends object>(section: T, ...secrets: readonly (keyof T & string)[]): T {
  const hidden: ReadonlySet<string> = new Set(secrets);
  const shown = () =>
    Object.fromEntries(
      Object.entries(section).map(([name, value]: [string, unknown]) => [
        name,
        hidden.has(name) && value !== undefined ? '[redacted]' : value,
      ]),
    );
  // Not enumerable: whoever compares or copies the object sees what it was.
  for (const name of ['toJSON', inspect.custom]) Object.defineProperty(section, name, { value: shown });
  return section;
}

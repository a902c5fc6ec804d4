/** Adds a participant to the app file. */
import type { Names } from './names.ts';

const LIST = /(\bparticipants:\s*\[)([^\]]*)(\])/;

/** The file's new text; undefined when it has no list of participants that could be told from other text. */
export function registered(text: string, { kebab, camel }: Names): string | undefined {
  const imported = [...text.matchAll(/^import [^;]*;?$/gm)].at(-1);
  if (!imported || text.match(new RegExp(LIST, 'g'))?.length !== 1) return undefined;
  const after = imported.index + imported[0].length;
  const line = `\nimport { ${camel} } from './participants/${kebab}.ts';`;
  return `${text.slice(0, after)}${line}${text.slice(after)}`.replace(
    LIST,
    (_, open: string, items: string, close: string) => `${open}${withItem(items, camel)}${close}`,
  );
}

/** As the list is written: on one line, or on one each. */
function withItem(items: string, item: string): string {
  const rest = items.trimEnd().replace(/,$/, '');
  if (rest.trim() === '') return item;
  const indent = /\n[ \t]*/.exec(items)?.[0];
  const end = items.slice(items.trimEnd().length);
  return indent ? `${rest},${indent}${item},${end}` : `${rest}, ${item}`;
}

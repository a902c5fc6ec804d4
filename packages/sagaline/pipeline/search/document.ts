/** What is searched: sagas, and what the application has beside them, each as one document. */
import { storableText } from '../../contracts/text.ts';
import { plainText } from './text/plain.ts';

/** A value as JSON has it. */
export type Field = string | number | boolean | string[] | Record<string, string | number | boolean>;

/** A document without what the search knows of it by itself. */
export interface Description {
  /** When it began, event time in ms. */
  readonly time: number;
  readonly state: string | undefined;
  readonly title: string;
  readonly text: string;
  /** For programs that read the answer; searched only as far as the text has it. */
  readonly fields: Readonly<Record<string, Field>>;
  /** What it is called: a query that is one of these finds it first. */
  readonly identifiers: readonly string[];
  /** Other names in it, such as articles: found like text, and when misspelt. */
  readonly names: readonly string[];
}

/** A document as an index has it. */
export interface SearchDocument extends Description {
  readonly kind: string;
  /** Unique within its kind. */
  readonly id: string;
  /**
   * How many records this document is made of. Of two versions the larger one knows what the smaller one knows, and more;
   * equal numbers of the same projection are the same document once every record is applied.
   */
  readonly version: number;
  /** One of very many, that never change: what is misspelt does not find it. */
  readonly line?: true;
}

/** UTF-16 units of a title or text that are kept, and searched: more than the longest log line with its attributes has. */
const MAX_TEXT = 98_304;

/** A document as it is stored, searched and shown: its texts without a terminal's codes, and within a bound. */
export function readable(document: SearchDocument): SearchDocument {
  const clean = (text: string): string => storableText(plainText(text), MAX_TEXT);
  return { ...document, title: clean(document.title), text: clean(document.text) };
}

/** An object without what is undefined. */
export function fieldsOf(fields: Readonly<Record<string, Field | undefined>>): Record<string, Field> {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Field] => entry[1] !== undefined));
}

/** Time as the API shows it. */
export const isoTime = (ms: number): string => new Date(ms).toISOString();

/** Raised when the mapping below changes; a new index is filled by a rebuild. */
const MAPPING = 1;

export interface IndexNaming {
  /** What all of its names begin with. */
  readonly prefix: string;
  readonly personalData: boolean;
}

/** The alias under which documents are written and found. Another setting is another index: what it holds differs. */
export function aliasOf({ prefix, personalData }: IndexNaming): string {
  return `${prefix}-${MAPPING}${personalData ? '-personal' : ''}`;
}

/**
 * The tokens are made by us (../pipeline/search/text/tokens.ts), so no analyser is needed and every index finds the same. What is not named here
 * is kept in the document and not searched.
 */
export const indexBody = (alias: string): object => ({
  aliases: { [alias]: {} },
  // Searchable within a second of the event; the default is a second of its own.
  settings: { index: { refresh_interval: '300ms' } },
  mappings: {
    dynamic: false,
    properties: {
      kind: { type: 'keyword' },
      id: { type: 'keyword' },
      time: { type: 'long' },
      tokens: { type: 'keyword', doc_values: false },
      names: { type: 'keyword', doc_values: false },
    },
  },
});

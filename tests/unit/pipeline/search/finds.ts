import { parseQuery, type Term } from '../../../../packages/sagaline/pipeline/search/text/query.ts';
import { tokensOf } from '../../../../packages/sagaline/pipeline/search/text/tokens.ts';

/** Whether a document of this text answers the query: what an index does, without one. */
export function finds(text: string, typed: string, identifiers: readonly string[] = []): boolean {
  const query = parseQuery(typed);
  if (!query) return false;
  const tokens = tokensOf([text], identifiers);
  const has = ({ token, prefix }: Term): boolean =>
    tokens.some((candidate) => (prefix ? candidate.startsWith(token) : candidate === token));
  return tokens.includes(query.exact) || query.groups.every((group) => group.some((terms) => terms.every(has)));
}

import { z } from 'zod';
import { isoTime } from '../../pipeline/search/document.ts';
import { SAGAS } from '../../pipeline/search/define-search-kind.ts';
import {
  SearchTooSlow,
  SearchUnavailable,
  type SearchPage,
  type SearchReader,
} from '../../pipeline/search/search-index.ts';
import { createHighlighter, type Fragment } from '../../pipeline/search/text/highlight.ts';
import { parseQuery } from '../../pipeline/search/text/query.ts';
import { POSITION, decodeCursor, encodeCursor } from '../pages/cursor.ts';
import { sagaLink } from '../links.ts';
import { Problem, unavailable } from '../problem.ts';
import { readProjection } from '../projection-reads.ts';

export interface SearchParameters {
  readonly q: string;
  readonly kind?: string | undefined;
  /** RFC 3339. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
}

const MATCHES = ['exact', 'words', 'similar'] as const;

/** One page of what a query finds, as the API shows it. */
export function createSearchPage(reader: SearchReader, kinds: readonly string[]) {
  const Position = z.tuple([z.enum(['0', '1']), POSITION.bigint, z.enum(kinds), POSITION.text]);

  function positionOf(text: string) {
    const [tier, time, kind, id] = decodeCursor(text, Position);
    return { tier: tier === '0' ? 0 : 1, time: Number(time), kind, id } as const;
  }

  return async function searchPage({ q, kind, from, to, cursor, limit }: SearchParameters) {
    const query = parseQuery(q);
    if (!query) {
      const errors = [{ field: 'q', reason: 'must have a letter or a digit' }];
      throw new Problem('malformed-request', 'q: must have a letter or a digit', { errors });
    }
    const { hits, more } = await answered(() =>
      reader.search({
        ...{ query, kind, limit },
        from: from === undefined ? undefined : Date.parse(from),
        to: to === undefined ? undefined : Date.parse(to),
        after: cursor === undefined ? undefined : positionOf(cursor),
      }),
    );
    const last = more ? hits.at(-1) : undefined;
    const highlight = createHighlighter(query);
    return {
      items: hits.map((hit) => itemOf(hit, highlight)),
      ...(last && { nextCursor: encodeCursor([String(last.tier), String(last.time), last.kind, last.id]) }),
    };
  };
}

async function answered(search: () => Promise<SearchPage>): Promise<SearchPage> {
  try {
    return await readProjection('search', search);
  } catch (error) {
    if (error instanceof SearchTooSlow) {
      throw unavailable('the search took too long: ask for longer words, one kind, or less time', error);
    }
    if (error instanceof SearchUnavailable)
      throw unavailable('the search index does not answer; repeat the request', error);
    throw error;
  }
}

function itemOf(
  { kind, id, tier, time, state, title, text, fields }: SearchPage['hits'][number],
  highlight: (text: string) => Fragment[],
) {
  return {
    ...{ kind, id, match: MATCHES[tier], time: isoTime(time) },
    ...(state !== null && { state }),
    title: highlight(title),
    text: highlight(text),
    fields,
    ...(kind === SAGAS.kind && { href: sagaLink(id).href }),
  };
}

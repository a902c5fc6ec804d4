import { z } from 'zod';
import type { Field } from '../pipeline/search/document.ts';
import {
  PAGE_WEIGHT,
  SearchTooSlow,
  SearchUnavailable,
  type SearchHit,
  type SearchPage,
  type SearchPosition,
  type SearchReader,
  type SearchRequest,
  type Tier,
} from '../pipeline/search/search-index.ts';
import type { Alternative, Group, Term } from '../pipeline/search/text/query.ts';
import { AnswerTooLarge, type OpenSearchClient } from './client.ts';
import { aliasOf, type IndexNaming } from './index-name.ts';

const TIMEOUT = '3s';

type Hit = SearchHit & { readonly tier: Tier };

const Source = z.object({
  kind: z.string(),
  id: z.string(),
  time: z.number(),
  state: z.string().nullable(),
  title: z.string(),
  text: z.string(),
  fields: z.record(z.string(), z.custom<Field>()),
});
const Answer = z.object({ timed_out: z.boolean(), hits: z.object({ hits: z.array(z.object({ _source: Source })) }) });

const NEWEST = [{ time: 'desc' }, { kind: 'desc' }, { id: 'desc' }];

/** Finds documents in OpenSearch, by the same rules as in PostgreSQL; only what is like a name it judges in its own way. */
export function createOpenSearchReader(client: OpenSearchClient, naming: IndexNaming): SearchReader {
  const path = `/${aliasOf(naming)}/_search?allow_partial_search_results=false`;

  async function ask(body: object, tier: Tier): Promise<Hit[]> {
    const { status, body: answer } = await client.request('POST', path, {
      ...body,
      ...{ timeout: TIMEOUT, track_total_hits: false },
      _source: Object.keys(Source.shape),
    });
    const parsed = Answer.safeParse(answer);
    if (status !== 200 || !parsed.success) throw new SearchUnavailable(`OpenSearch answered a search with ${status}`);
    if (parsed.data.timed_out) throw new SearchTooSlow(`took longer than ${TIMEOUT}`);
    return parsed.data.hits.hits.map(({ _source }) => ({ ..._source, tier }));
  }

  /** Up to `limit` of one tier, newest first, as far as they make one page; the longest documents are asked for by fewer. */
  async function newest(request: SearchRequest, query: object, tier: 0 | 1, limit: number): Promise<SearchPage> {
    const after = request.after?.tier === tier ? { search_after: sortValues(request.after) } : {};
    // One more than wanted tells whether there are more.
    for (let size = limit + 1; ; size = Math.ceil(size / 2)) {
      try {
        const found = await ask({ ...{ query, size, sort: NEWEST }, ...after }, tier);
        const hits = light(found.slice(0, limit));
        return { hits, more: found.length > hits.length || found.length === size };
      } catch (error) {
        if (!(error instanceof AnswerTooLarge) || size === 1) throw error;
      }
    }
  }

  return {
    async search(request) {
      const { query, limit, after } = request;
      const isExact = { term: { tokens: query.exact } };
      const within = bounds(request);
      const exact =
        after?.tier === 1 ? NOTHING : await newest(request, { bool: { filter: [isExact, ...within] } }, 0, limit);
      if (exact.more) return exact;
      const words = { bool: { filter: [...query.groups.map(groupQuery), ...within], must_not: [isExact] } };
      const others = await newest(request, words, 1, limit - exact.hits.length);
      const hits = [...exact.hits, ...others.hits];
      if (hits.length > 0 || after || query.name === undefined) return { hits, more: others.more };
      const alike = {
        bool: { must: [{ fuzzy: { names: { value: query.name, fuzziness: 'AUTO' } } }], filter: within },
      };
      return { hits: await ask({ query: alike, size: limit, sort: [{ _score: 'desc' }, ...NEWEST] }, 2), more: false };
    },
  };
}

const NOTHING: SearchPage = { hits: [], more: false };

/** The first ones, up to the weight of a page. */
function light(hits: readonly Hit[]): readonly Hit[] {
  let weight = 0;
  const end = hits.findIndex(({ text, fields }) => {
    const heavy = weight >= PAGE_WEIGHT;
    weight += text.length + JSON.stringify(fields).length;
    return heavy;
  });
  return end < 0 ? hits : hits.slice(0, end);
}

const sortValues = ({ time, kind, id }: SearchPosition) => [time, kind, id];

function bounds({ kind, from, to }: SearchRequest): object[] {
  return [
    ...(kind === undefined ? [] : [{ term: { kind } }]),
    ...(from === undefined ? [] : [{ range: { time: { gte: from } } }]),
    ...(to === undefined ? [] : [{ range: { time: { lt: to } } }]),
  ];
}

const groupQuery = (group: Group): object => ({ bool: { should: group.map(allOf), minimum_should_match: 1 } });
const allOf = (terms: Alternative): object => ({ bool: { filter: terms.map(termQuery) } });
const termQuery = ({ token, prefix }: Term): object =>
  prefix ? { prefix: { tokens: token } } : { term: { tokens: token } };

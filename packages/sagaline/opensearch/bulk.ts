import { z } from 'zod';
import { SearchUnavailable } from '../pipeline/search/search-index.ts';
import type { OpenSearchClient } from './client.ts';

/** One document of a bulk request, as the lines that the protocol wants. */
export interface BulkItem {
  readonly id: string;
  readonly version: number;
  readonly source: object;
  /** Whether a document that is there in the same version is written again. */
  readonly anew?: boolean;
}

/** Bytes of one request; OpenSearch advises 5 to 15 MiB, and refuses 100. */
const MAX_BYTES = 5 * 1024 * 1024;

const Failure = z.object({ type: z.string().optional() });
const Answer = z.object({
  items: z.array(z.object({ index: z.object({ status: z.int(), error: Failure.optional() }) })),
});

/** Put off: no room in a queue, or a shard without its primary. */
const LATER: ReadonlySet<number> = new Set([429, 503]);
/** Another attempt, or a later record, was faster: what is there is as new, or newer. */
const CONFLICT = 409;
const ALIAS_MISSING = 404;

interface BulkDeps {
  readonly client: OpenSearchClient;
  readonly alias: string;
  /** Makes the index when it is missing. */
  readonly ensureIndex: () => Promise<void>;
}

/** Writes documents, each under the version it brings along (external), so that a repetition changes nothing. */
export function createBulk({ client, alias, ensureIndex }: BulkDeps) {
  return async function bulk(items: readonly BulkItem[]): Promise<void> {
    for (const chunk of chunksOf(items)) await send(chunk);
  };

  /** Until every document is there: those that are put off are sent again, alone. */
  async function send(items: readonly BulkItem[]): Promise<void> {
    let left = items;
    let last = '';
    for (let attempt = 0; left.length > 0; attempt++) {
      if (!(await client.pause(attempt))) throw new SearchUnavailable(`OpenSearch put documents off: ${last}`);
      // An alias that is required keeps OpenSearch from making an index of its own where ours was deleted.
      const { status, body } = await client.request(
        'POST',
        `/${alias}/_bulk?require_alias=true`,
        left.map(linesOf).join(''),
      );
      const answer = Answer.safeParse(body);
      if (status !== 200 || answer.data?.items.length !== left.length) {
        throw new SearchUnavailable(`OpenSearch refused a bulk request with status ${status}`);
      }
      const results = answer.data.items.map(({ index }) => index);
      const refused = results.find((result) => !isDone(result.status) && !isPutOff(result.status));
      if (refused) throw new SearchUnavailable(`OpenSearch refused a document: ${reasonOf(refused)}`);
      last = results.filter((result) => !isDone(result.status)).map(reasonOf)[0] ?? '';
      if (results.some((result) => result.status === ALIAS_MISSING)) await ensureIndex();
      left = left.filter((_, index) => !isDone(results[index]?.status ?? 0));
    }
  }
}

const isDone = (status: number): boolean => (status >= 200 && status < 300) || status === CONFLICT;
const isPutOff = (status: number): boolean => LATER.has(status) || status === ALIAS_MISSING;
/** Never OpenSearch's own message: it quotes documents. */
const reasonOf = ({ status, error }: { status: number; error?: z.infer<typeof Failure> | undefined }): string =>
  `${status} ${error?.type ?? 'without a reason'}`;

/** Action and document, a line each, and every line with its end. */
function linesOf({ id, version, source, anew = false }: BulkItem): string {
  const action = { index: { _id: id, version, version_type: anew ? 'external_gte' : 'external' } };
  return `${JSON.stringify(action)}\n${JSON.stringify(source)}\n`;
}

function* chunksOf(items: readonly BulkItem[]): Generator<BulkItem[]> {
  let chunk: BulkItem[] = [];
  let bytes = 0;
  for (const item of items) {
    const size = Buffer.byteLength(linesOf(item));
    if (chunk.length > 0 && bytes + size > MAX_BYTES) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(item);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

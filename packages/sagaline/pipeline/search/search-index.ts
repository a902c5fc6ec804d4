/** The port behind which documents are kept and found. Adapters: postgresql/, opensearch/. */
import type { ProjectionTransaction, TopicPosition } from '../runtime/projection.ts';
import type { Field, SearchDocument } from './document.ts';
import type { ParsedQuery } from './text/query.ts';

/** Written by the projection, within its transaction. */
export interface SearchWriter {
  /** CREATE statements that the index wants in the projection's schema; they also tell one version of it from another. */
  readonly tables: string;
  /**
   * Makes each document what it is now; each id comes once in a call. Resolves when the index has them durably. An index outside
   * of the transaction must take the same call again, and ignore a version that is not newer than what it has.
   */
  write(tx: ProjectionTransaction, documents: readonly SearchDocument[]): Promise<void>;
  /** Why documents would be wrong after a rebuild that begins there; absent where an index is rebuilt with the tables. */
  objectToRebuild?(from: readonly TopicPosition[]): string | undefined;
  /** Deletes some of the lines of a kind that began before `before`, or that are more than the `keep` newest. */
  prune(tx: ProjectionTransaction, bounds: PruneBounds): Promise<void>;
}

/** Which lines may go. */
export interface PruneBounds {
  readonly kind: string;
  /** Event time, ms. */
  readonly before: number;
  /** How many of the newest stay. */
  readonly keep: number;
}

/** What is looked for. */
export interface SearchRequest {
  readonly query: ParsedQuery;
  readonly kind?: string | undefined;
  /** Event time in ms: from here on, and before there. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly limit: number;
  readonly after?: SearchPosition | undefined;
}

/** 0: an identifier is the query; 1: all words are there; 2: an identifier or name is like the query. */
export type Tier = 0 | 1 | 2;

/** Where a page ended. Within a tier, the newest come first. */
export interface SearchPosition {
  readonly tier: 0 | 1;
  readonly time: number;
  readonly kind: string;
  readonly id: string;
}

/** A document that was found. */
export interface SearchHit {
  readonly kind: string;
  readonly id: string;
  /** Event time, ms. */
  readonly time: number;
  readonly state: string | null;
  readonly title: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, Field>>;
}

/**
 * Characters of texts and fields, about, after which a page ends, however few documents it has by then: two hundred of the
 * longest log lines would be thirty megabytes, and there are many readers. A page has one document at least.
 */
export const PAGE_WEIGHT = 1024 * 1024;

/** What was found, best first. */
export interface SearchPage {
  readonly hits: readonly (SearchHit & { readonly tier: Tier })[];
  /** Whether there are more after the last one. */
  readonly more: boolean;
}

/** Read by HTTP. */
export interface SearchReader {
  /** @throws SearchTooSlow, SearchUnavailable */
  search(request: SearchRequest): Promise<SearchPage>;
}

/** The index gave up on a query that touches too much of it. */
export class SearchTooSlow extends Error {
  override readonly name = 'SearchTooSlow';
}

/** The index cannot be asked, or refuses to be written to; it may work later. */
export class SearchUnavailable extends Error {
  override readonly name = 'SearchUnavailable';
}

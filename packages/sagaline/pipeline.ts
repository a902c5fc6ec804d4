/** What views of events are made of, for `sagaline/pipeline`: projections, and kinds of what the search finds. */
export { FIRST_INSTANT_MS, LAST_INSTANT_MS, recordTimeMs } from './ground/instant.ts';
export type { Tell } from './live/tell.ts';
export { defineProjection, type AppProjection } from './pipeline/define-projection.ts';
export { foldIntervals, type Folded } from './pipeline/intervals/fold.ts';
export type { Interval } from './pipeline/intervals/merge.ts';
export type { Projection, ProjectionTransaction } from './pipeline/runtime/projection.ts';
export {
  isEvent,
  only,
  type RecordedEvent,
  type ValidEvent,
  type ValidEventOf,
} from './pipeline/runtime/recorded-event.ts';
export { defineSearchIndex, type AppSearch, type SearchIndex } from './pipeline/search/define-search-index.ts';
export {
  defineSearchLines,
  defineSearchSubject,
  type KeepOptions,
  type SearchKind,
} from './pipeline/search/define-search-kind.ts';
export { fieldsOf, isoTime, type Description, type Field, type SearchDocument } from './pipeline/search/document.ts';
export { reasonsOf } from './pipeline/search/documents/reasons.ts';
export {
  PAGE_WEIGHT,
  SearchTooSlow,
  SearchUnavailable,
  type SearchHit,
  type SearchPage,
  type SearchPosition,
  type SearchReader,
  type SearchRequest,
  type SearchWriter,
  type Tier,
} from './pipeline/search/search-index.ts';
export { spanOf, toldOf, type Tale, type Told } from './pipeline/search/told.ts';

/**
 * What views of events are made of, for `sagaline/pipeline`: projections, and kinds of what the search finds. Begin with
 * {@link defineProjection} and {@link defineSearchSubject}.
 *
 * @module sagaline/pipeline
 */
export { InvalidRecord, type InvalidPart, type InvalidReason } from './events/invalid-record.ts';
export { FIRST_INSTANT_MS, LAST_INSTANT_MS, recordTimeMs } from './ground/instant.ts';
export type { ConsumedRecord, HeaderValue, RecordHeaders, Undecodable, UndecodableReason } from './kafka/port.ts';
export type { Tell } from './live/tell.ts';
export { defineProjection, type AppProjection, type ProjectionDefinition } from './pipeline/define-projection.ts';
export { foldIntervals, type Folded, type IntervalTable } from './pipeline/intervals/fold.ts';
export type { Interval } from './pipeline/intervals/merge.ts';
export type {
  Maintenance,
  Projection,
  ProjectionTransaction,
  SetAsideRecord,
  TopicPosition,
} from './pipeline/runtime/projection.ts';
export {
  isEvent,
  only,
  type FaultyEvent,
  type RecordPosition,
  type RecordedEvent,
  type ValidEvent,
  type ValidEventOf,
} from './pipeline/runtime/recorded-event.ts';
export {
  defineSearchIndex,
  type AppSearch,
  type SearchConfig,
  type SearchIndex,
  type SearchIndexDefinition,
} from './pipeline/search/define-search-index.ts';
export {
  defineSearchLines,
  defineSearchSubject,
  type KeepOptions,
  type KindDefinition,
  type KindName,
  type LineBounds,
  type SearchKind,
  type SearchLines,
  type SearchLinesDefinition,
  type SearchSubject,
  type SearchSubjectDefinition,
} from './pipeline/search/define-search-kind.ts';
export { fieldsOf, isoTime, type Description, type Field, type SearchDocument } from './pipeline/search/document.ts';
export { reasonsOf } from './pipeline/search/documents/reasons.ts';
export {
  PAGE_WEIGHT,
  SearchTooSlow,
  SearchUnavailable,
  type PruneBounds,
  type SearchHit,
  type SearchPage,
  type SearchPosition,
  type SearchReader,
  type SearchRequest,
  type SearchWriter,
  type Tier,
} from './pipeline/search/search-index.ts';
export { spanOf, toldOf, type Tale, type Told, type TopicOrder } from './pipeline/search/told.ts';
export type { Alternative, Group, ParsedQuery, Term } from './pipeline/search/text/query.ts';

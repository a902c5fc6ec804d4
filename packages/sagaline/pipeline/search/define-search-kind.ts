/** What can be found beside sagas, as values of the application: subjects, of which events tell, and lines, each an event of its own. */
import type { Declaration, EnvOf, EnvSchemas } from '../../config/declaration.ts';
import type { EventValue } from '../../contracts/event.ts';
import { envOf, type DeclaredValues } from '../../config/declared.ts';
import { isEvent, type RecordedEvent, type ValidEvent, type ValidEventOf } from '../runtime/recorded-event.ts';
import type { Description } from './document.ts';
import type { Tale, Told } from './told.ts';

/** How a kind is called. */
export interface KindName {
  /** Lower-case letters, such as `order`: the API's `kind`. */
  readonly kind: string;
  /** Several of them, in sentences, such as `orders`. */
  readonly plural: string;
}

/** What a kind says of itself. */
export interface KindDefinition {
  /** Several of them, in sentences, such as `orders`. */
  readonly plural: string;
  /** Raised when its documents are made otherwise than before: the view then asks for a rebuild. 1 unless told. */
  readonly format?: number;
}

/** What may be kept. */
export interface KeepOptions {
  /** Whether names and addresses of people are kept, and found. */
  readonly personalData: boolean;
}

/** What a kind of subject says of itself. */
export interface SearchSubjectDefinition extends KindDefinition {
  /** Those that tell about such a subject. */
  readonly events: readonly EventValue[];
  /** The subject that one of the events is about; undefined when it is about none. Its business key unless told. */
  readonly idOf?: (event: ValidEvent) => string | undefined;
  /** What of its payload is kept in the view's tables: never a secret, and personal data only if they are wanted. */
  readonly keep: (event: ValidEvent, options: KeepOptions) => Told['data'];
  /** Makes a document of what is kept of the first event of each type. Nothing else may decide what it says. */
  readonly describe: (id: string, tale: Tale) => Description;
}

/** Something that several events tell about, such as an order. */
export interface SearchSubject extends KindName, Declaration, Required<Omit<SearchSubjectDefinition, 'plural'>> {
  readonly of: 'subject';
}

/** Lines beyond these go away, sooner or later. */
export interface LineBounds {
  /** How long they are kept, ms of event time. */
  readonly retentionMs: number;
  /** How many are kept. */
  readonly max: number;
}

/** What a kind of line says of itself. */
export interface SearchLinesDefinition<E extends EventValue, Schemas extends EnvSchemas> extends KindDefinition {
  /** Each is a line. */
  readonly event: E;
  /** The variables that bound it. */
  readonly env?: Schemas;
  /** How long lines are kept, and how many. */
  readonly bounds: (env: EnvOf<Schemas>) => LineBounds;
  /** Makes a document of a line. */
  readonly describe: (event: ValidEventOf<E>) => Description;
}

/** Events that are each a document, never changed, such as log lines. There may be millions; old ones go. */
export interface SearchLines extends KindName, Declaration {
  readonly of: 'lines';
  readonly events: readonly [EventValue];
  readonly format: number;
  /** For the engine. */
  bounds(config: { readonly declared: DeclaredValues }): LineBounds;
  /**
   * For the engine.
   *
   * @returns undefined for an event that is no such line
   */
  describe(event: RecordedEvent): Description | undefined;
}

/** A kind of document, for `defineApp`. */
export type SearchKind = SearchSubject | SearchLines;

/** What the engine's own documents are called: every saga is one. */
export const SAGAS: KindName = { kind: 'saga', plural: 'sagas' };

/**
 * Declares a kind of subject. A subject that is new to the search is told of by what comes from then on; a rebuild of the search
 * brings in what came before.
 *
 * @param kind lower-case letters, such as `giftcard`
 * @example
 * // searched.ts
 * import { defineSearchSubject, isEvent, spanOf, toldOf } from 'sagaline/pipeline';
 * import { events } from './events.ts';
 *
 * export const searchedCards = defineSearchSubject('giftcard', {
 *   plural: 'gift cards',
 *   events: [events['gift-card.ordered'], events['gift-card.sent']],
 *   keep: (recorded) => (isEvent(recorded, events['gift-card.ordered']) ? recorded.payload : {}),
 *   describe: (id, tale) => ({
 *     ...{ time: spanOf(tale).first, state: toldOf(tale, events['gift-card.sent']) ? 'sent' : 'ordered' },
 *     ...{ title: `gift card ${id}`, text: '', fields: {}, identifiers: [id], names: [] },
 *   }),
 * });
 */
export function defineSearchSubject(kind: string, definition: SearchSubjectDefinition): SearchSubject {
  return { of: 'subject', kind, format: 1, idOf: ({ key }) => key, ...definition };
}

/**
 * Declares a kind of line, and the variables that bound it.
 *
 * @param kind lower-case letters, such as `log`
 */
export function defineSearchLines<E extends EventValue, Schemas extends EnvSchemas>(
  kind: string,
  { plural, format = 1, event, env, bounds, describe }: SearchLinesDefinition<E, Schemas>,
): SearchLines {
  const lines: SearchLines = {
    ...{ of: 'lines', kind, plural, format, events: [event] },
    ...(env && { env }),
    bounds: (config) => bounds(envOf(config, lines) as EnvOf<Schemas>),
    describe: (recorded) => (isEvent(recorded, event) ? describe(recorded) : undefined),
  };
  return lines;
}

/** All kinds of an application, as they are listed: subjects by their names, sagas among them, and then lines. */
export function kindNames(kinds: readonly SearchKind[]): readonly KindName[] {
  const subjects = [SAGAS, ...kinds.filter(({ of }) => of === 'subject')];
  return [
    ...subjects.sort((one, other) => (one.kind < other.kind ? -1 : 1)),
    ...kinds.filter(({ of }) => of === 'lines'),
  ].map(({ kind, plural }) => ({ kind, plural }));
}

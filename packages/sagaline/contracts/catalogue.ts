/** Every event of an application, by name: what its sagas, its participants and its own list bring along. */
import { InvalidEventDefinition, type EventValue } from './event.ts';

/** Where an application's events come from. */
export interface EventSources {
  /** Their registrations: what they start on, hear and emit. */
  readonly sagas: readonly {
    readonly name: string;
    readonly events: readonly EventValue[];
    readonly emits: readonly string[];
  }[];
  /** What participants emit. */
  readonly emits?: readonly EventValue[];
  /** Others, that no saga hears: for views, or for other teams. */
  readonly events?: readonly EventValue[];
}

export interface Catalogue {
  /** In alphabetical order; each is a topic. */
  readonly types: readonly string[];
  /** The event of that name; undefined when there is none. */
  find(type: string): EventValue | undefined;
  /**
   * Whether a caller may say that such an event happened: one that is not internal, and that no saga and no participant says
   * itself. An outcome is not for a caller to say.
   */
  comesFromOutside(type: string): boolean;
}

/** @throws InvalidEventDefinition when two events have one name: which of them is meant, nobody could say */
export function createCatalogue({ sagas, emits = [], events = [] }: EventSources): Catalogue {
  const byType = new Map<string, { readonly event: EventValue; readonly from: string }>();
  const add = (event: EventValue, from: string) => {
    const known = byType.get(event.type);
    if (known && !isSame(known.event, event)) throw twoOfOneName(event.type, [known.from, from]);
    if (!known) byType.set(event.type, { event, from });
  };
  for (const saga of sagas) for (const event of saga.events) add(event, `saga ${saga.name}`);
  for (const event of emits) add(event, 'a participant');
  for (const event of events) add(event, "the application's own list");

  const said = new Set([...sagas.flatMap((saga) => saga.emits), ...emits.map(({ type }) => type)]);
  const find = (type: string) => byType.get(type)?.event;
  return {
    types: [...byType.keys()].sort(),
    find,
    comesFromOutside(type) {
      const event = find(type);
      return event !== undefined && event.internal !== true && !said.has(type);
    },
  };
}

/** By identity: whether two schemas take the same payloads cannot be decided. */
function isSame(one: EventValue, other: EventValue): boolean {
  return one.schema === other.schema && one.key === other.key && one.internal === other.internal;
}

function twoOfOneName(type: string, [one, other]: readonly [string, string]): InvalidEventDefinition {
  const whose = one === other ? `twice in ${one}` : `by ${one} and by ${other}`;
  return new InvalidEventDefinition(
    `${type} is defined ${whose}, each time with a schema or key of its own: define it once, export it, and import it where it is needed`,
  );
}

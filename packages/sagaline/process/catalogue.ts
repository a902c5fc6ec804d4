import { createCatalogue, type Catalogue, type EventSources } from '../contracts/catalogue.ts';
import { InvalidEventDefinition } from '../contracts/event.ts';
import type { App } from '../app/define-app.ts';
import { CannotStart } from '../ground/lifecycle.ts';

/**
 * The events of an application, by its sagas, its participants and its own lists.
 *
 * @throws CannotStart when two events have one name, or what sagas or participants say is taken in batches
 */
export function catalogueOf(
  { participants, events, batches, searchKinds }: Pick<App, 'participants' | 'events' | 'batches' | 'searchKinds'>,
  sagas: EventSources['sagas'],
): Catalogue {
  const own = [...events, ...batches.map(({ event }) => event), ...searchKinds.flatMap((kind) => kind.events)];
  const catalogue = created({ sagas, emits: participants.flatMap(({ emits = [] }) => emits), events: own });
  const said = batches.find(({ event }) => !catalogue.comesFromOutside(event.type));
  if (said) {
    const { path, event } = said;
    throw new CannotStart(
      `${path} takes batches of ${event.type}, which is internal, or said by a saga or participant: take another event`,
    );
  }
  return catalogue;
}

function created(sources: EventSources): Catalogue {
  try {
    return createCatalogue(sources);
  } catch (error) {
    throw error instanceof InvalidEventDefinition ? new CannotStart(error.message, { cause: error }) : error;
  }
}

import { createCatalogue, type Catalogue, type EventSources } from '../../workflows/contracts/catalogue.ts';
import { InvalidEventDefinition } from '../../workflows/contracts/event.ts';
import type { App } from '../app/define-app.ts';
import { CannotStart } from '../lifecycle.ts';

/**
 * The events of an application, by its sagas, its participants and its own list.
 *
 * @throws CannotStart when two events have one name
 */
export function catalogueOf(
  { participants, events }: Pick<App, 'participants' | 'events'>,
  sagas: EventSources['sagas'],
): Catalogue {
  try {
    return createCatalogue({ sagas, emits: participants.flatMap(({ emits = [] }) => emits), events });
  } catch (error) {
    throw error instanceof InvalidEventDefinition ? new CannotStart(error.message, { cause: error }) : error;
  }
}

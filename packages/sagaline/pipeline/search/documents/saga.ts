import { CancelRefused, Id, RolledBack } from '../../../contracts/primitives.ts';
import { workflowIdOf } from '../../../contracts/saga.ts';
import type { SagaRegistration } from '../../../kernel/definition.ts';
import type { ValidEvent } from '../../runtime/recorded-event.ts';
import { fieldsOf, isoTime, type Description } from '../document.ts';
import { spanOf, type Tale, type Told } from '../told.ts';
import { reasonsOf } from './reasons.ts';

/** The event types that tell about a saga: what starts it, what asks it to cancel, what it answers. */
export function sagaTypes({ on, followUps, emits }: SagaRegistration): string[] {
  return [on, ...followUps.filter(({ cancels }) => cancels).map(({ type }) => type), ...emits];
}

/** The workflow id of the saga that an event is about; undefined when it names none. */
export function sagaOf(saga: SagaRegistration, event: ValidEvent): string | undefined {
  // What starts a saga and what ends it are about the same thing, and name it alike.
  const sagaId = Id.safeParse(saga.sagaId(event.payload as never));
  return sagaId.success ? workflowIdOf(saga.name, sagaId.data) : undefined;
}

/** What is read of an event of a saga, whatever else is in it. */
const SAID = Object.entries({ ...RolledBack.shape, ...CancelRefused.shape });

/** The reasons and what was undone: no other field of the application's, for it may be personal. */
export function keptOfSaga({ payload }: Pick<ValidEvent, 'payload'>): Told['data'] {
  // A field of the same name may mean something else to the application.
  return Object.fromEntries(
    SAID.flatMap(([field, schema]) => {
      const said = field in payload ? schema.safeParse(payload[field]) : undefined;
      return said?.success ? [[field, said.data]] : [];
    }),
  );
}

/** A saga as its events tell of it. Steps that are open, or parked, are told by no event: GET /v1/sagas/:id knows them. */
export function describeSaga(saga: SagaRegistration, id: string, tale: Tale): Description {
  const reasons = reasonsOf(tale);
  const { first, last } = spanOf(tale);
  const sagaId = id.slice(saga.name.length + 1);
  return {
    state: stateOf(saga, tale),
    time: tale[saga.on]?.time ?? first,
    title: `${saga.name} ${sagaId}`,
    text: [stateOf(saga, tale), ...reasons].join(' · '),
    fields: fieldsOf({
      ...{ name: saga.name, sagaId, updatedAt: isoTime(last) },
      ...(reasons.length > 0 && { reasons }),
    }),
    identifiers: [id, sagaId],
    names: [],
  };
}

function stateOf({ emits }: SagaRegistration, tale: Tale): string {
  const ended = emits.filter((type) => tale[type]).map((type) => outcomeState(type, tale));
  return ended.find((state) => state !== undefined) ?? 'running';
}

/** By its payload: an outcome that undid something lists it, and the answer to a refused cancel ends nothing. */
function outcomeState(type: string, tale: Tale): string | undefined {
  const data: object = tale[type]?.data ?? {};
  if ('compensated' in data) return type.endsWith('.cancelled') ? 'cancelled' : 'rejected';
  return 'state' in data ? undefined : 'completed';
}

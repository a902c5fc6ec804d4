/**
 * Events are values: a name, which is its Kafka topic too, the schema of its payload, and the field that is its business key.
 * They stand where they belong: a saga's own beside the saga, a participant's beside the participant. There is no central list.
 *
 * Schemas never run in Temporal's sandbox, though the files that declare them are loaded there: the bundle has a stand-in for
 * zod that can be built with and not parsed with. So nothing here may call a schema.
 */
import type { z } from 'zod';

/** A schema with its business key, as `defineEvents` takes it: an event that has no name yet. */
export interface EventShape<Schema extends z.ZodObject = z.ZodObject, Key extends string = string> {
  /** The payload field that the event is about; its value is the Kafka key. */
  readonly key: Key;
  /** Unknown fields are dropped, so that producers may add some; everything else is refused with its path. */
  readonly schema: Schema;
  /** Nobody outside may say that it happened: the HTTP API does not take it. What sagas and participants emit is not taken anyway. */
  readonly internal?: boolean;
}

/** An event by which sagas, participants and services refer to it. */
export interface EventValue<
  Type extends string = string,
  Schema extends z.ZodObject = z.ZodObject,
  Key extends string = string,
> extends EventShape<Schema, Key> {
  /** Its name, such as `order.created`: topic, event type and signal are called so, for ever. */
  readonly type: Type;
}

/** What an event tells: the payload that its schema lets through. */
export type PayloadOf<E extends EventValue> = z.output<E['schema']>;

/** An event whose payload has these fields, and maybe more. */
export type EventWith<Fields extends object> = EventValue & { readonly schema: { readonly _output: Fields } };

/** Fields that can be a business key: required, and text or a number. */
type KeyOf<Payload> = {
  [Field in keyof Payload]-?: Payload[Field] extends string | number ? Field : never;
}[keyof Payload] &
  string;

/** An event's name is no topic's, its key is no field's, or two events of one name are not the same. */
export class InvalidEventDefinition extends Error {
  override readonly name = 'InvalidEventDefinition';
}

/**
 * An event without a name: its business key, and the schema of its payload.
 *
 * @param key a required field of the schema, text or a number
 * @param options `internal`: nobody outside may say that it happened
 * @throws InvalidEventDefinition when the schema has no such field
 */
export function event<Schema extends z.ZodObject, const Key extends KeyOf<z.output<Schema>>>(
  key: Key,
  schema: Schema,
  options: { readonly internal?: boolean } = {},
): EventShape<Schema, Key> {
  if (!(key in schema.shape)) throw new InvalidEventDefinition(`the business key ${key} is no field of the schema`);
  return { key, schema, ...options };
}

/**
 * Gives events their names.
 *
 * @example
 * // events.ts
 * import { z } from 'zod';
 * import { defineEvents, event, Id, RolledBack } from 'sagaline/workflow';
 *
 * export const events = defineEvents({
 *   'gift-card.ordered': event('cardId', z.object({ cardId: Id, sku: z.string() })),
 *   'gift-card.sent': event('cardId', z.object({ cardId: Id })),
 *   'gift-card.rejected': event('cardId', RolledBack.extend({ cardId: Id })),
 * });
 * @throws InvalidEventDefinition for a name that is no topic's
 */
export function defineEvents<const Shapes extends Readonly<Record<string, EventShape>>>(
  shapes: Shapes & NamesOf<Shapes>,
): { readonly [Type in keyof Shapes & string]: EventValue<Type, Shapes[Type]['schema'], Shapes[Type]['key']> } {
  const named = Object.entries<EventShape>(shapes).map(([type, shape]) => {
    refuseWrongName(type);
    return [type, { type, ...shape }];
  });
  return Object.fromEntries(named) as ReturnType<typeof defineEvents<Shapes>>;
}

/** The business key of a payload: the value of the field that its event names as key. */
export function businessKeyOf({ key }: EventValue, payload: object): string {
  return String((payload as Readonly<Record<string, unknown>>)[key]);
}

/** Kafka takes 249 characters, of which the topic of its dead letters needs four more. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,244}$/;
const DEAD_LETTERS = '.dlq';
/** The kernel's own signal. */
const TAKEN = 'cancel';

function refuseWrongName(type: string): void {
  if (!NAME.test(type)) {
    throw new InvalidEventDefinition(
      `${type} is no name for an event: 1 to 245 letters, digits or . _ - that begin with a letter or digit, such as order.created`,
    );
  }
  if (type.endsWith(DEAD_LETTERS)) {
    throw new InvalidEventDefinition(`${type} is no name for an event: topics of dead letters end in ${DEAD_LETTERS}`);
  }
  if (type === TAKEN) {
    throw new InvalidEventDefinition(`${TAKEN} is no name for an event: a saga hears it from operators already`);
  }
}

type Characters<Text extends string, Found extends string = never> = Text extends `${infer First}${infer Rest}`
  ? Characters<Rest, Found | First>
  : Found;
type Initial = Characters<'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'>;
type Legal = Initial | '.' | '_' | '-';
type OnlyLegal<Text extends string> = Text extends `${infer First}${infer Rest}`
  ? First extends Legal
    ? OnlyLegal<Rest>
    : false
  : true;
type IsName<Type extends string> = Type extends `${string}.dlq` | 'cancel'
  ? false
  : Type extends `${Initial}${string}`
    ? OnlyLegal<Type>
    : string extends Type
      ? true
      : false;

/** Beside an event with a wrong name stands what is wrong, which no event is. */
type NamesOf<Shapes> = {
  readonly [Type in keyof Shapes]: Type extends string
    ? IsName<Type> extends true
      ? unknown
      : `${Type} is no name for an event: letters, digits or . _ - such as order.created`
    : never;
};

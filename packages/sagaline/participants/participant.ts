/** Participants as values: a name, what they need from the environment, what they emit, and how they are made. */
import type { EventValue } from '../contracts/event.ts';
import type { ParticipantKind, ParticipantType } from '../contracts/participant.ts';
import type { LocalEffects } from './local/effects.ts';
import type { Declaration, EnvOf, EnvSchemas, NoEnv } from '../config/declaration.ts';
import type { ParticipantTools } from './tools.ts';

/** A method of a participant. Sagas call it with one input; what it takes and returns travels as JSON. */
export type Method = (input: never) => Promise<unknown>;

/** Each method of a participant is an activity, `<name>.<method>`. */
export type Methods<Own> = { readonly [M in keyof Own]: Method };

/** What a participant says of itself. */
export interface ParticipantOptions<Env extends EnvSchemas, Own> extends Declaration<Env> {
  /** The events that it records itself. */
  readonly emits?: readonly EventValue[];
  /** Called once in a process that runs participants; what it opens it gives to `tools.onClose`. */
  readonly create: (tools: ParticipantTools<EnvOf<Env>>) => Own;
}

/** What a local participant says of itself. */
export interface LocalParticipantOptions<Env extends EnvSchemas, Own> extends ParticipantOptions<Env, Own> {
  /** How a rollback takes back what the kernel was never told of; absent where nothing of it can stand alone. */
  readonly effects?: LocalEffects;
}

/** A participant. Its type is all that sagas import of it. */
export interface Participant<
  Kind extends ParticipantKind,
  Name extends string,
  Env extends EnvSchemas,
  Own extends object,
> extends LocalParticipantOptions<Env, Own> {
  readonly kind: Kind;
  readonly name: Name;
}

/** Any participant, as a list has it. */
export interface AnyParticipant extends ParticipantType, Declaration {
  /** The events that it records itself. */
  readonly emits?: readonly EventValue[];
  /** Of a local one; see `LocalParticipantOptions`. */
  readonly effects?: LocalEffects;
}

/** Letters and digits: it stands in activity types, metrics and queries. */
const NAME = /^[a-z][A-Za-z0-9]{0,63}$/;

/** The kernel's own. */
const TAKEN: ReadonlySet<string> = new Set(['outcome']);

/**
 * A participant reached over the network, such as a provider. Its calls are tried again until the step's time is up, unless they
 * end with a FinalFailure.
 *
 * @throws TypeError when the name is none
 * @example
 * // participants/stock.ts
 * import { fields, remoteParticipant } from 'sagaline';
 *
 * export const stock = remoteParticipant('stock', {
 *   env: { STOCK_URL: fields.httpUrl },
 *   create: ({ env, http }) => ({
 *     async reserve({ sku, key }: { sku: string; key: string }): Promise<void> {
 *       await http.post(`${env.STOCK_URL}/v1/reservations`, { key, body: { sku } });
 *     },
 *     async release({ actionKey, key }: { actionKey: string; key: string }): Promise<void> {
 *       await http.post(`${env.STOCK_URL}/v1/releases`, { key, body: { reservation: actionKey } });
 *     },
 *   }),
 * });
 */
export function remoteParticipant<const Name extends string, Own extends Methods<Own>, Env extends EnvSchemas = NoEnv>(
  name: Name,
  options: ParticipantOptions<Env, Own>,
): Participant<'remote', Name, Env, Own> {
  return { ...options, kind: 'remote', name: checked(name) };
}

/**
 * A participant that touches our own database only. Its methods run as local activities: one short transaction each, which asks
 * `sagaLetsAct` (local/fence.ts).
 *
 * @throws TypeError when the name is none
 * @example
 * // participants/prices.ts
 * import { FinalFailure, localParticipant } from 'sagaline';
 *
 * export const prices = localParticipant('prices', {
 *   create: ({ database }) => ({
 *     async of({ sku }: { sku: string }): Promise<number> {
 *       const rows = await database.$queryRaw<{ amount: number }[]>`SELECT "amount" FROM "prices" WHERE "sku" = ${sku}`;
 *       if (!rows[0]) throw new FinalFailure('NoSuchArticle', `there is no price of ${sku}`);
 *       return rows[0].amount;
 *     },
 *   }),
 * });
 */
export function localParticipant<const Name extends string, Own extends Methods<Own>, Env extends EnvSchemas = NoEnv>(
  name: Name,
  options: LocalParticipantOptions<Env, Own>,
): Participant<'local', Name, Env, Own> {
  return { ...options, kind: 'local', name: checked(name) };
}

function checked<Name extends string>(name: Name): Name {
  if (!NAME.test(name))
    throw new TypeError(`a participant cannot be called ${name}: letters and digits, such as giftCard`);
  if (TAKEN.has(name)) throw new TypeError(`a participant cannot be called ${name}: that is the kernel's own`);
  return name;
}

/** What a saga knows of a participant: its type. The value stays outside, so nothing of it enters the workflow bundle. */

/**
 * - `remote`: reached over a network
 * - `local`: touches our own database only, in one short idempotent transaction
 */
export type ParticipantKind = 'remote' | 'local';

/** A participant's value, as `remoteParticipant` and `localParticipant` make it, as far as a saga's types need it. */
export interface ParticipantType<
  Kind extends ParticipantKind = ParticipantKind,
  Name extends string = string,
  Methods extends object = object,
> {
  readonly kind: Kind;
  /** Activities are called `<name>.<method>`. */
  readonly name: Name;
  /** Makes its methods; a worker calls it. */
  readonly create: (tools: never) => Methods;
}

/** The methods of a participant. */
export type MethodsOf<P extends ParticipantType> = P extends {
  /** Makes them. */
  readonly create: (tools: never) => infer Own extends object;
}
  ? Own
  : never;

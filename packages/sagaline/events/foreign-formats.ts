/**
 * Formats that other tools write and that are not read here, recognised so that a dead letter names them and says what to do: the
 * schema's own complaint ("orderId: expected string") would send people looking in the wrong place.
 */
import { InvalidRecord } from './invalid-record.ts';

/** Confluent's serializers: a zero byte, then the schema's id in four bytes. No JSON begins with a zero byte. */
const CONFLUENT_MAGIC = 0;
const CONFLUENT_PREFIX_BYTES = 5;

/** @throws InvalidRecord unsupported-format for a value framed for a schema registry */
export function refuseForeignFraming(value: Buffer): void {
  if (value.length < CONFLUENT_PREFIX_BYTES || value[0] !== CONFLUENT_MAGIC) return;
  throw new InvalidRecord(
    'unsupported-format',
    '',
    `is framed for Confluent's Schema Registry (magic byte 0, schema ${value.readUInt32BE(1)}): ` +
      'produce plain JSON, without a registry serializer',
  );
}

/**
 * Says of a payload that its schema refused whether it is another tool's envelope.
 *
 * @throws InvalidRecord unsupported-format
 */
export function refuseForeignEnvelope(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  if (isDebezium(value)) {
    const message =
      'is a change event of Debezium (op, before, after): produce the event itself, ' +
      "such as with Debezium's outbox event router";
    throw new InvalidRecord('unsupported-format', '', message);
  }
  if (Object.hasOwn(value, 'schema') && Object.hasOwn(value, 'payload')) {
    const inner = (value as Readonly<Record<'payload', unknown>>).payload;
    refuseForeignEnvelope(inner);
    const message =
      "has Kafka Connect's envelope (schema, payload): set schemas.enable=false for the connector's JSON converter";
    throw new InvalidRecord('unsupported-format', '', message);
  }
}

function isDebezium(value: object): boolean {
  return Object.hasOwn(value, 'op') && (Object.hasOwn(value, 'before') || Object.hasOwn(value, 'after'));
}

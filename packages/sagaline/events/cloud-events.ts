import type { ProducedRecord } from '../kafka/port.ts';

/** An event on its way out. */
export interface OutgoingEvent {
  /** Dedupe id: equal for every copy of the event. */
  readonly eventId: string;
  readonly type: string;
  readonly topic: string;
  /** Business key: the Kafka key, and the CloudEvents subject. */
  readonly key: string;
  /** URI reference of who says it; see `sourceOf`. */
  readonly source: string;
  readonly time: Date;
  /** The payload as JSON text. */
  readonly json: string;
  readonly traceparent?: string | null | undefined;
}

/** Version of the payloads' schemas. */
export const SCHEMA_VERSION = '1';

/** `/sagaline/orderSaga` for what the saga of workflow `orderSaga:o-1` says; `/sagaline` for everything else. */
export function sourceOf(workflowId: string | null | undefined): string {
  const saga = workflowId?.split(':', 1)[0];
  return saga ? `/sagaline/${encodeURIComponent(saga)}` : '/sagaline';
}

/**
 * Encodes an event as CloudEvents 1.0 in the binary mode of the Kafka binding: attributes in `ce_` headers, the payload as the
 * value. The trace context goes out twice: as the CloudEvents extension and as the plain header that tracing libraries read.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md
 */
export function encodeCloudEvent(event: OutgoingEvent): ProducedRecord {
  const { topic, key, json, traceparent } = event;
  return {
    topic,
    key,
    value: json,
    headers: {
      ce_specversion: '1.0',
      ce_id: event.eventId,
      ce_type: event.type,
      ce_source: event.source,
      ce_time: event.time.toISOString(),
      ce_subject: key,
      ce_schemaversion: SCHEMA_VERSION,
      'content-type': 'application/json',
      ...(traceparent ? { ce_traceparent: traceparent, traceparent } : {}),
    },
  };
}

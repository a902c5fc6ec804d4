import type { DataConverter, PayloadCodec } from '@temporalio/common';

/**
 * How payloads travel between client, worker and server. Client and worker must use the same, which is why both take it
 * from here: the seam at which encryption of payloads becomes a configuration. Identity without codecs.
 */
export function createDataConverter(codecs: readonly PayloadCodec[] = []): DataConverter {
  return { payloadCodecs: [...codecs] };
}

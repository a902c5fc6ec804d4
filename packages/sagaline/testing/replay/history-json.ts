/**
 * Histories as the JSON that Temporal's tools read and write. The SDK has these functions too (`@temporalio/common`), and they
 * throw "type must be a Type" wherever npm gave that package another copy of protobufjs than `@temporalio/proto`, which it does
 * in a repository that has nothing else. So these take the very copy that made the types.
 */
import type { History } from '@temporalio/common/lib/proto-utils.js';
import proto from '@temporalio/proto';
import { patchProtobufRoot } from '@temporalio/proto/lib/patch-protobuf-root.js';
import { createRequire } from 'node:module';

/** `protobufjs/ext/protojson`, of which the types are not needed. */
interface ProtoJson {
  readonly fromJson: (type: object, json: object, options: { readonly ignoreUnknownFields: boolean }) => History | null;
  readonly toJson: (type: object, message: object) => object;
}

const { fromJson, toJson } = createRequire(createRequire(import.meta.url).resolve('@temporalio/proto'))(
  'protobufjs/ext/protojson',
) as ProtoJson;
const root = patchProtobufRoot(proto) as unknown as { lookupType(name: string): object };
const TYPE = root.lookupType('temporal.api.history.v1.History');

/** @throws TypeError when it is none */
export function historyFromJson(json: unknown): History {
  if (typeof json !== 'object' || json === null || !Array.isArray((json as { events?: unknown }).events)) {
    throw new TypeError('a history is an object with a list of events');
  }
  // A newer server may say more than this SDK knows.
  const history = fromJson(TYPE, json, { ignoreUnknownFields: true });
  if (!history) throw new TypeError('a history is an object with a list of events');
  return history;
}

export function historyToJson(history: History): object {
  return toJson(TYPE, proto.temporal.api.history.v1.History.fromObject(history));
}

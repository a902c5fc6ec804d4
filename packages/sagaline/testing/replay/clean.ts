import type { History } from '@temporalio/common/lib/proto-utils.js';
import { historyToJson } from './history-json.ts';

/** What stands for the machine and process that did the work. */
export const ANYBODY = 'recorded';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * A history as the JSON that Temporal's tools read and write, without what tells of the machine it was recorded on: worker
 * identities, sticky task queues and stack traces. Replay reads none of them. Keys are in the same order every time.
 */
export function cleanJson(history: History): Json {
  return clean(JSON.parse(JSON.stringify(historyToJson(history))) as Json);
}

function clean(value: Json): Json {
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== 'object') return value;
  const isSticky = value['kind'] === 'TASK_QUEUE_KIND_STICKY';
  const entries = Object.entries(value).flatMap(([key, child]): [string, Json][] => {
    if (key === 'stackTrace') return [];
    if (typeof child === 'string' && (key === 'identity' || (isSticky && key === 'name'))) return [[key, ANYBODY]];
    return [[key, MAPS.has(key) ? sorted(clean(child)) : clean(child)]];
  });
  return Object.fromEntries(entries);
}

/** Fields that are maps: the server keeps no order in them. */
const MAPS: ReadonlySet<string> = new Set(['indexedFields', 'metadata', 'fields', 'details']);

function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

import { patchConsumerGroup } from './consumer-group.ts';
import { patchFetch } from './fetch.ts';
import { internals } from './internals.ts';
import { patchMetadata } from './metadata.ts';
import { patchOffsetManager } from './offset-manager.ts';
import { patchRequestQueue } from './request-queue.ts';

/** The patches replace code of this version, and of no other. */
const PATCHED_VERSION = '2.2.4';

let isPatched = false;

/**
 * Replaces what is wrong inside kafkajs, once per process: the places are beside this file. kafkajs looks all of them up when it
 * runs, so that it may have been loaded before.
 *
 * @throws when another kafkajs is installed
 */
export function patchKafkaJs(): void {
  if (isPatched) return;
  if (internals.version !== PATCHED_VERSION) {
    throw new Error(
      `kafkajs ${internals.version} is installed; packages/sagaline/kafka/kafkajs/patches is for ${PATCHED_VERSION}`,
    );
  }
  patchMetadata();
  patchFetch();
  patchConsumerGroup();
  patchOffsetManager();
  patchRequestQueue();
  isPatched = true;
}

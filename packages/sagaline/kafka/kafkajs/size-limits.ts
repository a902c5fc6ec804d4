import kafkajs, { type Admin, type ConfigResourceTypes, type Kafka as KafkaJs } from 'kafkajs';
import { withAdmin } from './admin.ts';

/** A setting of a topic may be changed while we run. */
const KEPT_FOR_MS = 60_000;
/** Kafka's default of socket.request.max.bytes: above it a broker cuts the connection without an answer. */
const REQUEST_BYTES = 100 * 1024 * 1024;
/** What a request has beside its records. */
const REQUEST_OVERHEAD_BYTES = 64 * 1024;

export interface SizeLimits {
  /** Bytes above which no record of this topic can be sent: what the topic takes, and what a broker reads in one request. */
  of(topic: string): Promise<number>;
}

/** Asks the cluster, once a minute and topic at most. Where it does not say, its own default holds. */
export function createSizeLimits(kafka: KafkaJs): SizeLimits {
  const known = new Map<string, { readonly limit: number; readonly until: number }>();
  return {
    async of(topic) {
      const kept = known.get(topic);
      if (kept && kept.until > Date.now()) return kept.limit;
      const limit = await ask(kafka, topic);
      known.set(topic, { limit, until: Date.now() + KEPT_FOR_MS });
      return limit;
    },
  };
}

async function ask(kafka: KafkaJs, topic: string): Promise<number> {
  const [ofTopic, ofRequest = REQUEST_BYTES] = await withAdmin(kafka, 'tell its limits', async (admin) => {
    // Node sees only some of kafkajs's names as exports.
    const { TOPIC, BROKER } = kafkajs.ConfigResourceTypes;
    const { controller, brokers } = await admin.describeCluster();
    const broker = String(controller ?? brokers[0]?.nodeId ?? 0);
    return Promise.all([
      setting(admin, TOPIC, topic, 'max.message.bytes'),
      setting(admin, BROKER, broker, 'socket.request.max.bytes'),
    ]);
  }).catch(() => []);
  return Math.min(ofTopic ?? Infinity, ofRequest - REQUEST_OVERHEAD_BYTES);
}

/** Undefined where it may not be read, or nobody knows the topic: the send itself will say so. */
async function setting(
  admin: Admin,
  type: ConfigResourceTypes,
  name: string,
  key: string,
): Promise<number | undefined> {
  const resources = [{ type, name, configNames: [key] }];
  const answer = await admin.describeConfigs({ resources, includeSynonyms: false }).catch(() => undefined);
  const value = Number(answer?.resources[0]?.configEntries.find(({ configName }) => configName === key)?.configValue);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

/**
 * What the servers need before any process can use them: tables, topics, search attributes. Idempotent. Clients of servers are
 * loaded by whoever needs them: every application's file has this module among its own.
 */
import { fileURLToPath } from 'node:url';
import type { Catalogue } from '../contracts/catalogue.ts';
import type { App } from '../app/define-app.ts';
import type { Config } from '../config/config.ts';
import { topicSpecs } from '../events/topics.ts';
import { createLogger } from '../ground/logger.ts';

/** What `migrate` sets up: tables, topics, and the search attributes of sagas in Temporal. */
export type SetUpPart = 'database' | 'topics' | 'search-attributes';

export const SET_UP_PARTS: readonly SetUpPart[] = ['database', 'topics', 'search-attributes'];

/** Does one part, and says in a few words what there is now. @throws what the server says */
export function setUpPart(
  part: SetUpPart,
  app: Pick<App, 'migrations'>,
  config: Config,
  catalogue: Catalogue,
): Promise<string> {
  switch (part) {
    case 'database':
      return migrate(app, config);
    case 'topics':
      return createTopics(config, catalogue);
    case 'search-attributes':
      return register(config);
  }
}

async function migrate({ migrations }: Pick<App, 'migrations'>, { database }: Config): Promise<string> {
  const { migrateDatabase } = await import('../prisma/migrate.ts');
  const applied = await migrateDatabase(database.url, { application: migrations && fileURLToPath(migrations) });
  return applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to apply';
}

async function createTopics({ kafka: config }: Config, catalogue: Catalogue): Promise<string> {
  const topics = topicSpecs(catalogue, config.partitions);
  const { createKafka } = await import('../kafka/kafkajs/create-kafka.ts');
  const kafka = createKafka(config, createLogger({ name: 'set-up', level: 'silent' }));
  await kafka.ensureTopics(topics);
  return `all ${topics.length} are there`;
}

async function register({ temporal }: Config): Promise<string> {
  const { registerSearchAttributes } = await import('../temporal/search-attributes.ts');
  await registerSearchAttributes(temporal);
  return `registered in namespace ${temporal.namespace}`;
}

/** What the servers need before any process can use them: tables, topics, search attributes. Idempotent. */
import { fileURLToPath } from 'node:url';
import { migrateDatabase } from '../../prisma/migrate.ts';
import type { Catalogue } from '../../workflows/contracts/catalogue.ts';
import type { App } from '../app/define-app.ts';
import type { Config } from '../config.ts';
import { createKafka } from '../kafka/kafkajs/create-kafka.ts';
import { topicSpecs } from '../kafka/topics.ts';
import { createLogger } from '../logger.ts';
import { registerSearchAttributes } from '../temporal/search-attributes.ts';

export const SET_UP_PARTS = ['database', 'topics', 'search-attributes'] as const;
export type SetUpPart = (typeof SET_UP_PARTS)[number];

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
  const applied = await migrateDatabase(database.url, { application: migrations && fileURLToPath(migrations) });
  return applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to apply';
}

async function createTopics({ kafka: config }: Config, catalogue: Catalogue): Promise<string> {
  const topics = topicSpecs(catalogue, config.partitions);
  const kafka = createKafka(config, createLogger({ name: 'set-up', level: 'silent' }));
  await kafka.ensureTopics(topics);
  return `all ${topics.length} are there`;
}

async function register({ temporal }: Config): Promise<string> {
  await registerSearchAttributes(temporal);
  return `registered in namespace ${temporal.namespace}`;
}

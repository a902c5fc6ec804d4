/** What a command needs of the servers; each is opened when it is asked for, and all are closed at the end. */
import { once } from 'node:events';
import type { Pool } from 'pg';
import { BOUNDS, createPool } from '../prisma/connection.ts';
import { createDatabase, type Database } from '../prisma/database.ts';
import type { Catalogue } from '../contracts/catalogue.ts';
import { declarationsOf, type App } from '../app/define-app.ts';
import { readConfig, type Config } from '../config/config.ts';
import { createKafka } from '../kafka/kafkajs/create-kafka.ts';
import type { Kafka } from '../kafka/port.ts';
import { createRoutes, type Routes } from '../dispatch/dispatch.ts';
import { createLogger } from '../ground/logger.ts';
import { catalogueOf } from '../process/catalogue.ts';
import { findSagas } from '../sagas/find-sagas.ts';

export interface CliWorld {
  readonly app: App;
  readonly config: Config;
  readonly kafka: Kafka;
  readonly routes: Routes;
  readonly catalogue: Catalogue;
  readonly database: Database;
  readonly pool: Pool;
}

/** Opens the servers, lets them be used, and closes them. @throws InvalidConfiguration, InvalidSagas, and what `use` throws */
export type WithWorld = <T>(use: (world: CliWorld) => Promise<T>) => Promise<T>;

/** The servers of an application, by the variables of this process. */
export const worldOf =
  (app: App): WithWorld =>
  (use) =>
    inWorld(app, use);

async function inWorld<T>(app: App, use: (world: CliWorld) => Promise<T>): Promise<T> {
  const config = readConfig(process.env, { servesApi: false, declared: declarationsOf(app) });
  const sagas = await findSagas(app.sagas);
  const routes = createRoutes(sagas);
  const catalogue = catalogueOf(app, sagas);
  const kafka = createKafka(config.kafka, createLogger({ name: 'saga', level: 'silent' }));
  const applicationName = 'sagaline-cli';
  const database = createDatabase({ ...config.database, poolSize: 3, applicationName });
  const pool = createPool({ url: config.database.url, max: 10, applicationName, bounds: BOUNDS.operator });
  try {
    return await use({ app, config, kafka, database, pool, routes, catalogue });
  } finally {
    await Promise.all([database.$disconnect(), pool.end()]);
  }
}

export const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** As `print`, for output without bounds: resolves when there is room for more. */
export async function printSlowly(text: string): Promise<void> {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
}

/** Progress and remarks: standard output is for results. */
export const report = (text: string): void => void process.stderr.write(`${text}\n`);

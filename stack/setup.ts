/** What servers need before Sagaline can use them, by the product's own command for it. Idempotent. */
import { readConfig } from 'sagaline/dev';
import { catalogueOf, findSagas, SET_UP_PARTS, setUpPart } from 'sagaline/dev';
import { environmentOf, type ServerAddresses } from 'sagaline/dev';
import { app } from '../app.ts';

/**
 * @param environment settings beside the addresses: credentials, partitions
 * @throws SearchAttributesMissing, and what database and Kafka say
 */
export async function setUp(addresses: ServerAddresses, environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const catalogue = catalogueOf(app, await findSagas(app.sagas));
  const config = readConfig({ ...environment, ...environmentOf(addresses) });
  await Promise.all(SET_UP_PARTS.map((part) => setUpPart(part, app, config, catalogue)));
}

/** What servers need before Sagaline can use them, by the product's own command for it. Idempotent. */
import { app } from '../app.ts';
import { readConfig } from '../gateways/config.ts';
import { catalogueOf } from '../gateways/process/catalogue.ts';
import { SET_UP_PARTS, setUpPart } from '../gateways/process/set-up.ts';
import { findSagas } from '../gateways/sagas/find-sagas.ts';
import { environmentOf, type StackAddresses } from './addresses.ts';

/**
 * @param environment settings beside the addresses: credentials, partitions
 * @throws SearchAttributesMissing, and what database and Kafka say
 */
export async function setUp(addresses: StackAddresses, environment: NodeJS.ProcessEnv = process.env): Promise<void> {
  const catalogue = catalogueOf(app, await findSagas(app.sagas));
  const config = readConfig({ ...environment, ...environmentOf(addresses) });
  await Promise.all(SET_UP_PARTS.map((part) => setUpPart(part, app, config, catalogue)));
}

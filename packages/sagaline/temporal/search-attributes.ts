import { Connection } from '@temporalio/client';
import proto from '@temporalio/proto';
import { connectionOptionsOf } from './connect.ts';
import type { Config } from '../config/config.ts';
import { SEARCH_ATTRIBUTES } from '../contracts/saga.ts';

const KEYWORD = proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD;
/** gRPC status. */
const ALREADY_EXISTS = 6;
const NAMES = Object.values(SEARCH_ATTRIBUTES);

/** Search attributes that the cluster does not let us register, or that exist with another type. */
export class SearchAttributesMissing extends Error {
  override readonly name = 'SearchAttributesMissing';
}

/** Registers the search attributes that are missing in the namespace. @throws SearchAttributesMissing */
export async function registerSearchAttributes(config: Config['temporal']): Promise<void> {
  const connection = await Connection.connect(connectionOptionsOf(config));
  try {
    await registerSearchAttributesOn(connection, config.namespace);
  } finally {
    await connection.close();
  }
}

/** The same on a connection that is there. @throws SearchAttributesMissing */
export async function registerSearchAttributesOn(connection: Connection, namespace: string): Promise<void> {
  try {
    await register(connection, namespace);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new SearchAttributesMissing(
      `search attributes ${NAMES.join(', ')} (Keyword) must be registered in namespace ${namespace}: ${detail}`,
      { cause: error },
    );
  }
}

async function register({ operatorService }: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = NAMES.filter((name) => customAttributes[name] === undefined);
  const wrong = NAMES.filter((name) => !missing.includes(name) && customAttributes[name] !== KEYWORD);
  if (wrong.length > 0) throw new Error(`${wrong.join(', ')} exist with another type`);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
  await operatorService.addSearchAttributes({ namespace, searchAttributes }).catch((error: unknown) => {
    // Somebody else was faster.
    if ((error as { code?: unknown }).code !== ALREADY_EXISTS) throw error;
  });
}

/** Histories of a live namespace. */
import { isGrpcServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { readConfig, type Config } from '../../../packages/sagaline/config/config.ts';
import { connectTemporal, type TemporalClient } from '../../../packages/sagaline/temporal/connect.ts';
import { environmentOf } from '../../../packages/sagaline/dev/addresses.ts';
import { createStack } from '../../../packages/sagaline/dev/providers.ts';
import { REFERENCE } from '../../../stack/reference.ts';
import { hasBegun, named, type NamedHistory } from '../../../packages/sagaline/testing/replay/histories.ts';
import { NamespaceProblem } from './problems.ts';

/** gRPC's own, not worth a dependency: https://grpc.github.io/grpc/core/md_doc_statuscodes.html */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

/**
 * Connects to the namespace of TEMPORAL_ADDRESS, or of the stack that runs here.
 *
 * @throws NamespaceProblem when no server answers, InvalidConfiguration
 */
export async function openNamespace(environment: NodeJS.ProcessEnv): Promise<TemporalClient> {
  const config = await temporalConfig(environment);
  try {
    const temporal = await connectTemporal({ config });
    await temporal.ping();
    return temporal;
  } catch (cause) {
    throw new NamespaceProblem(
      `no Temporal server with namespace ${config.namespace} answers at ${config.address}: start the stack ` +
        `(npm run stack -- up), or say where it is (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE). ${detailOf(cause)}`,
      { cause },
    );
  }
}

async function temporalConfig(environment: NodeJS.ProcessEnv): Promise<Config['temporal']> {
  if (environment.TEMPORAL_ADDRESS) return readConfig(environment).temporal;
  const { addresses } = await createStack(REFERENCE, environment).status();
  return readConfig({ ...environment, ...(addresses ? environmentOf(addresses) : {}) }).temporal;
}

/**
 * Newest first, running ones too, as Temporal's visibility lists them.
 *
 * @throws NamespaceProblem when Temporal does not understand the query
 */
export async function* sample(client: Client, query: string, limit: number): AsyncGenerator<NamedHistory> {
  let left = limit;
  try {
    for await (const { workflowId, runId } of client.workflow.list({ query, pageSize: Math.min(limit, 100) })) {
      const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      if (!hasBegun(history)) continue;
      yield named(history);
      left -= 1;
      if (left === 0) return;
    }
  } catch (error) {
    if (!isGrpcServiceError(rootOf(error))) throw error;
    if (codeOf(error) !== INVALID_ARGUMENT) throw new NamespaceProblem(`Temporal failed: ${detailOf(error)}`);
    throw new NamespaceProblem(`Temporal does not understand the query ${query}: ${detailOf(error)}`, { cause: error });
  }
}

/** @throws NamespaceProblem when there is no such workflow */
export async function fetchHistory(client: Client, workflowId: string, runId?: string): Promise<NamedHistory> {
  try {
    return named(await client.workflow.getHandle(workflowId, runId).fetchHistory());
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof WorkflowNotFoundError || code === NOT_FOUND || code === INVALID_ARGUMENT) {
      const run = runId === undefined ? '' : `, run ${runId}`;
      throw new NamespaceProblem(`there is no workflow ${workflowId}${run}: ${detailOf(error)}`, { cause: error });
    }
    throw error;
  }
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

function codeOf(error: unknown): number | undefined {
  const root = rootOf(error);
  return isGrpcServiceError(root) ? root.code : undefined;
}

function detailOf(error: unknown): string {
  const root = rootOf(error);
  if (isGrpcServiceError(root)) return root.details;
  return root instanceof Error ? root.message : String(root);
}

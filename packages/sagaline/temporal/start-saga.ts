import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { KERNEL_VERSION, SEARCH_ATTRIBUTES, workflowIdOf, type SagaInput } from '../contracts/saga.ts';
import type { TemporalClient } from './connect.ts';

/** A server that does not answer within this time counts as down; the caller tries again. In ms. */
export const CALL_TIMEOUT_MS = 10_000;

const attributes = {
  state: defineSearchAttributeKey(SEARCH_ATTRIBUTES.state, 'KEYWORD'),
  businessKey: defineSearchAttributeKey(SEARCH_ATTRIBUTES.businessKey, 'KEYWORD'),
  eventId: defineSearchAttributeKey(SEARCH_ATTRIBUTES.eventId, 'KEYWORD'),
};

export interface SagaStart {
  readonly sagaName: string;
  readonly type: string;
  readonly businessKey: string;
  /** `settings` come from the configuration, and the kernel's version from the code: neither from the caller. */
  readonly input: Omit<SagaInput, 'settings' | 'kernel'>;
}

/** `alreadyStarted`: the workflow had been started before, so this input, follow-ups included, did not reach it. */
export type StartResult = 'started' | 'alreadyStarted';

/** What of Temporal's client a starter needs. */
export type StarterClient = Pick<Client, 'withDeadline'> & { readonly workflow: Pick<Client['workflow'], 'start'> };

export interface SagaStarterOptions {
  readonly temporal: Pick<TemporalClient, 'eager'> & { readonly client: StarterClient };
  readonly taskQueue: string;
  /** By saga name: durations that override the definitions' own. */
  readonly settings: Readonly<Record<string, NonNullable<SagaInput['settings']>>>;
}

/**
 * Starts the one workflow that a saga ever has. Both policies are needed (kernel rule 14): by default Temporal starts a
 * second run once the first has completed.
 */
export function createSagaStarter({ temporal: { client, eager }, taskQueue, settings }: SagaStarterOptions) {
  return async function startSaga({ sagaName, type, businessKey, input }: SagaStart): Promise<StartResult> {
    const own = settings[sagaName];
    const args: [SagaInput] = [{ ...input, kernel: KERNEL_VERSION, ...(own ? { settings: own } : {}) }];
    try {
      await client.withDeadline(Date.now() + CALL_TIMEOUT_MS, () =>
        client.workflow.start(sagaName, {
          workflowId: workflowIdOf(sagaName, input.sagaId),
          taskQueue,
          args,
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          requestEagerStart: eager,
          typedSearchAttributes: [
            { key: attributes.state, value: 'running' },
            { key: attributes.businessKey, value: businessKey },
            { key: attributes.eventId, value: input.eventId },
          ],
          staticSummary: `${type} ${businessKey}`,
          staticDetails: detailsOf(input),
        }),
      );
      return 'started';
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return 'alreadyStarted';
      throw error;
    }
  };
}

export type SagaStarter = ReturnType<typeof createSagaStarter>;

/** Markdown for the Temporal UI: where the saga came from. */
function detailsOf({ eventId, source, followUps = [] }: SagaStart['input']): string {
  const lines = [`- event \`${eventId}\``];
  if (source) lines.push(`- Kafka \`${source.topic}\`, partition ${source.partition}, offset ${source.offset}`);
  for (const { type } of followUps) lines.push(`- came first: \`${type}\``);
  return lines.join('\n');
}

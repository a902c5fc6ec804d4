/** Where a saga is found: in this API, and in the Temporal UI. */
import type { HttpOptions } from './ports.ts';

/** What the API refers to. */
export interface Link {
  readonly id: string;
  readonly href: string;
}

/** Where a saga is found in this API. */
export function sagaLink(workflowId: string): Link {
  return { id: workflowId, href: `/v1/sagas/${encodeURIComponent(workflowId)}` };
}

/** The history of a saga in the Temporal UI; without a run id, its latest run. */
export function temporalUiLink(
  { url, namespace }: HttpOptions['temporalUi'],
  workflowId: string,
  runId?: string,
): string {
  const path = ['namespaces', namespace, 'workflows', workflowId, ...(runId === undefined ? [] : [runId, 'history'])];
  return `${url.replace(/\/+$/, '')}/${path.map(encodeURIComponent).join('/')}`;
}

import type { Projection } from '../../../../packages/sagaline/pipeline/runtime/projection.ts';
import { createPostgresWriter } from '../../../../packages/sagaline/pipeline/search/postgresql/write.ts';
import { createSearch } from '../../../../packages/sagaline/pipeline/search/search.ts';
import { app, sagas } from '../../../support/reference.ts';

interface Settings {
  readonly personalData?: boolean;
  readonly retentionMs?: number;
  readonly max?: number;
}

/** Search in PostgreSQL; without bounds for log lines unless told. */
export function aSearch({ personalData = false, retentionMs = 1e12, max = 1e9 }: Settings = {}): Projection {
  return createSearch({
    sagas,
    kinds: app.searchKinds,
    boundsOf: () => ({ retentionMs, max }),
    index: createPostgresWriter(),
    personalData,
  });
}

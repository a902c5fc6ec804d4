/** Every projection, by name. One more is one more line here, and a folder beside. */
import type { Config } from '../config.ts';
import type { Routes } from '../kafka/routes.ts';
import type { Projection } from './runtime/projection.ts';
import { createStatistics } from './statistics/projection.ts';

export interface ProjectionDeps {
  readonly config: Config;
  readonly routes: Routes;
}

export function createProjections({ config }: ProjectionDeps): readonly Projection[] {
  return [createStatistics({ settings: config.pipeline.statistics })];
}

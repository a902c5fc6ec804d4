/** The reference application, as tests need it that wire parts of a process by themselves. */
import { app } from '../../app.ts';
import { declarationsOf } from '../../packages/sagaline/app/define-app.ts';
import { readConfig, type Config, type ConfigOptions } from '../../packages/sagaline/config/config.ts';
import { ownParts, type OwnParts } from '../../packages/sagaline/http/own-parts.ts';
import type { Reading } from '../../packages/sagaline/events/parse-record.ts';
import type { ReplaySeal } from '../../packages/sagaline/replay/replay-seal.ts';
import { createRoutes } from '../../packages/sagaline/dispatch/dispatch.ts';
import { createProjections } from '../../packages/sagaline/pipeline/projections.ts';
import type { Projection } from '../../packages/sagaline/pipeline/runtime/projection.ts';
import { catalogueOf } from '../../packages/sagaline/process/catalogue.ts';
import { findSagas } from '../../packages/sagaline/sagas/find-sagas.ts';

export { app };
export const sagas = await findSagas(app.sagas);
export const routes = createRoutes(sagas);
export const catalogue = catalogueOf(app, sagas);

/** By what its events are read. */
export const readingWith = (startsSaga: (type: string) => boolean, seal?: ReplaySeal): Reading => ({
  ...{ catalogue, startsSaga },
  ...(seal && { seal }),
});

/** The configuration of its processes, with the variables that its parts declare. */
export const readAppConfig = (
  environment: NodeJS.ProcessEnv = {},
  options: Omit<ConfigOptions, 'declared'> = {},
): Config => readConfig(environment, { ...options, declared: declarationsOf(app) });

/** What it adds to the HTTP API, by these variables. */
export const own = (environment: NodeJS.ProcessEnv = {}): OwnParts => ownParts(app, readAppConfig(environment));

/** Its projections and the engine's, by these variables. */
export const appProjections = (environment: NodeJS.ProcessEnv = {}): readonly Projection[] =>
  createProjections({ app, config: readAppConfig(environment), routes, catalogue });

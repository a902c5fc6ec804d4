import { readConfig } from '../config/config.ts';
import { catalogueOf } from '../process/catalogue.ts';
import { SET_UP_PARTS, setUpPart, type SetUpPart } from '../process/set-up.ts';
import { findSagas } from '../sagas/find-sagas.ts';
import { declarationsOf, type App } from './define-app.ts';

/** What became of one part of the servers. */
export interface MigratedPart {
  readonly part: SetUpPart;
  /** What there is now, in a few words; or what went wrong. */
  readonly text: string;
  readonly failed: boolean;
}

/**
 * Brings the servers to this version: tables, topics, search attributes. Each part by itself: one server that is down hides
 * nothing of the others. Idempotent.
 *
 * @param parts all unless told; others may be somebody else's to make
 * @throws InvalidConfiguration; CannotStart when the sagas or events contradict each other
 */
export async function migrate(
  app: App,
  environment: NodeJS.ProcessEnv = process.env,
  parts: readonly SetUpPart[] = SET_UP_PARTS,
): Promise<MigratedPart[]> {
  const catalogue = catalogueOf(app, await findSagas(app.sagas));
  const config = readConfig(environment, { servesApi: false, declared: declarationsOf(app) });
  return Promise.all(
    parts.map(async (part) => {
      try {
        return { part, text: await setUpPart(part, app, config, catalogue), failed: false };
      } catch (error) {
        return { part, text: error instanceof Error ? error.message : String(error), failed: true };
      }
    }),
  );
}

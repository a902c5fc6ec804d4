import { missingOf, type Prerequisite } from '../../packages/sagaline/dev/tools/prerequisites.ts';
import type { Recipe } from './recipes.ts';

/** Names everything that is missing at once, each with the way to get it. */
export class CannotBuild extends Error {
  override readonly name = 'CannotBuild';
  constructor(missing: readonly Prerequisite[]) {
    const lines = missing.map(
      ({ name, neededFor, install }) =>
        `  - ${name}, for ${neededFor}\n${install.map((way) => `      ${way}`).join('\n')}`,
    );
    super(`The stand-in images need what is not here:\n${lines.join('\n')}`);
  }
}

/** @throws CannotBuild */
export async function requireAll(recipes: readonly Pick<Recipe, 'needs'>[]): Promise<void> {
  const missing = await missingOf([...new Set(recipes.flatMap(({ needs }) => needs))]);
  if (missing.length > 0) throw new CannotBuild(missing);
}

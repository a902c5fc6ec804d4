/** Every projection, by name. One more is one more line here, and a folder beside. */
import type { Projection } from './runtime/projection.ts';

export function createProjections(): readonly Projection[] {
  return [];
}

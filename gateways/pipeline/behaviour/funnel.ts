/** viewed -> added -> ordered -> paid. A bit for each stage, so that what a user did in a period is one number. */
export const STAGES = { viewed: 1, added: 2, ordered: 4, paid: 8 } as const;

export const DAY_MS = 24 * 60 * 60 * 1000;

/** Days since 1970-01-01, in UTC. */
export const dayOf = (time: number): number => Math.floor(time / DAY_MS);

/** The stage that an activity tells of; 0 for any other activity. */
export function stageOf(action: string): number {
  return action === 'viewed' || action === 'added' ? STAGES[action] : 0;
}

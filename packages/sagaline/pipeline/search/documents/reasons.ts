import type { Tale, Told } from '../told.ts';

/** What could say a reason, and what undoing left open; any of the payloads that have them. */
interface Reasoned {
  readonly reason?: string;
  readonly step?: string;
  readonly compensated?: readonly string[];
  readonly skipped?: readonly { readonly step: string; readonly reason: string }[];
}

/** Why things went as they went, as the events say it, in the alphabetical order of their types. */
export function reasonsOf(tale: Tale): string[] {
  const told = Object.entries(tale).sort(([a], [b]) => (a < b ? -1 : 1)) as [string, Told][];
  const reasons = told.flatMap(([, { data }]) => {
    const { reason, step, compensated = [], skipped = [] } = data as Reasoned;
    return [
      ...(reason === undefined ? [] : [step === undefined ? reason : `${reason} at ${step}`]),
      ...(compensated.length > 0 ? [`compensated ${compensated.join(', ')}`] : []),
      ...skipped.map((skip) => `skipped ${skip.step}: ${skip.reason}`),
    ];
  });
  return [...new Set(reasons)];
}

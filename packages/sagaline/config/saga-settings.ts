import type { SagaRegistration } from '../kernel/definition.ts';
import { InvalidConfiguration } from './config.ts';

/** Settings that every saga has, whether its definition names them or not. */
const UNIVERSAL = ['deadline', 'patience'];

/**
 * Refuses settings that no saga would ever read: a misspelt name must not look like a change that was made.
 *
 * @param settings of SAGA_SETTINGS: durations by saga name and setting
 * @throws InvalidConfiguration naming every one of them, with the names that there are
 */
export function checkSagaSettings(
  settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  sagas: readonly SagaRegistration[],
): void {
  const problems = Object.entries(settings).flatMap(([name, chosen]) => {
    const saga = sagas.find((one) => one.name === name);
    if (!saga) return [`SAGA_SETTINGS: there is no saga ${name}; there are ${sagas.map((one) => one.name).join(', ')}`];
    const known = [...new Set([...UNIVERSAL, ...Object.keys(saga.settings)])];
    const unknown = Object.keys(chosen).filter((setting) => !known.includes(setting));
    return unknown.map((setting) => `SAGA_SETTINGS: ${name} has no setting ${setting}; it has ${known.join(', ')}`);
  });
  if (problems.length > 0) throw new InvalidConfiguration(problems);
}

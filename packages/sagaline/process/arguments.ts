import { parseArgs } from 'node:util';
import { InvalidConfiguration } from '../config/config.ts';

/**
 * The environment with what the command line says on top: `--only http,relay` is GATEWAY_PARTS.
 *
 * @throws InvalidConfiguration for arguments that nobody knows
 */
export function environmentWith(args: readonly string[], environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const only = onlyOf(args);
  return only === undefined ? environment : { ...environment, GATEWAY_PARTS: only };
}

/**
 * The parts that `--only` names, or all.
 *
 * @throws InvalidConfiguration for arguments and parts that nobody knows
 */
export function chosenParts<Part extends string>(args: readonly string[], parts: readonly Part[]): Part[] {
  const named = onlyOf(args)
    ?.split(',')
    .map((name) => name.trim());
  if (!named) return [...parts];
  const unknown = named.filter((name) => !parts.some((part) => part === name));
  if (unknown.length > 0) {
    throw new InvalidConfiguration([`--only: there is no ${unknown.join(', ')}; there are ${parts.join(', ')}`]);
  }
  return parts.filter((part) => named.includes(part));
}

function onlyOf(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { only: { type: 'string' } } }).values.only;
  } catch (error) {
    throw new InvalidConfiguration([error instanceof Error ? error.message : String(error)]);
  }
}

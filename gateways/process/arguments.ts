import { parseArgs } from 'node:util';
import { InvalidConfiguration } from '../config.ts';

/**
 * The environment with what the command line says on top: `--only http,relay` is GATEWAY_PARTS.
 *
 * @throws InvalidConfiguration for arguments that nobody knows
 */
export function environmentWith(args: readonly string[], environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  try {
    const { values } = parseArgs({ args: [...args], options: { only: { type: 'string' } } });
    return values.only === undefined ? environment : { ...environment, GATEWAY_PARTS: values.only };
  } catch (error) {
    throw new InvalidConfiguration([error instanceof Error ? error.message : String(error)]);
  }
}

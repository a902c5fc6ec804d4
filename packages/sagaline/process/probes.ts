import { readConfig } from '../config/config.ts';
import { environmentWith } from './arguments.ts';

/**
 * What a command of `run` answers when it is well, as URLs that say 200 then: for the health checks of containers. None for one
 * that ends by itself, or serves no HTTP.
 *
 * @param command with its arguments
 * @throws InvalidConfiguration as the command itself
 */
export function probesOf([command, ...args]: readonly string[], environment: NodeJS.ProcessEnv): string[] {
  switch (command) {
    case 'gateway': {
      const { gatewayParts } = readConfig(environmentWith(args, environment), { servesApi: false });
      return gatewayParts.has('http') ? api(environment) : health(environment);
    }
    case 'all-in-one':
      return api(environment);
    case 'worker':
    case 'pipeline':
      return health(environment);
    default:
      return [];
  }
}

function api(environment: NodeJS.ProcessEnv): string[] {
  const { http } = readConfig(environment, { servesApi: false });
  return [`http://${reachable(http.host)}:${http.port}/readyz`];
}

function health(environment: NodeJS.ProcessEnv): string[] {
  const { http, healthPort } = readConfig(environment, { servesApi: false });
  return healthPort === undefined ? [] : [`http://${reachable(http.host)}:${healthPort}/readyz`];
}

/** Whoever listens on every address is asked on the loopback one. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

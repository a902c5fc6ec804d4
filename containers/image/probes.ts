import * as sagaline from 'sagaline';

/**
 * What a command of the image answers when it is well; nothing for one that ends by itself, or serves no HTTP.
 *
 * @param running the command, with its arguments
 * @throws InvalidConfiguration as the command itself
 */
export function probesOf(running: readonly string[], environment: NodeJS.ProcessEnv): string[] {
  if (running[0] !== 'sandbox') return sagaline.probesOf(running, environment);
  return [
    `http://127.0.0.1:${environment['SANDBOX_PAYMENT_PORT'] ?? '8090'}/healthz`,
    `http://127.0.0.1:${environment['SANDBOX_SMS_PORT'] ?? '8091'}/healthz`,
  ];
}

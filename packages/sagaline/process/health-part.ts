import { createHealthApp } from '../http/operations/health-app.ts';
import { startHttpServer } from '../http/server.ts';
import type { Process } from './open.ts';

/**
 * Health of a process that serves no API: a worker, or a gateway without its HTTP part. It answers before everything else
 * runs and after everything else was drained, so that a slow start or a long drain can be told from a process that hangs.
 *
 * @returns called when the process has started: only then can it be ready
 * @throws CannotStart when HEALTH_PORT is taken
 */
export async function startHealth(host: Process): Promise<() => void> {
  const { config, lifecycle, metrics, readiness } = host;
  if (config.healthPort === undefined) return () => undefined;
  let started = false;
  readiness['start'] = () => (started ? { ok: true } : { ok: false, detail: 'is starting' });
  const logger = host.logger.child({ part: 'health' });
  const app = createHealthApp({ ...host, observer: metrics.http, logger, options: config.http });
  const server = await startHttpServer(app.fetch, {
    host: config.http.host,
    port: config.healthPort,
    portSetting: 'HEALTH_PORT',
  });
  lifecycle.add({ name: 'health', close: () => server.close() });
  logger.info({ url: server.url }, `health at ${server.url}`);
  return () => {
    started = true;
  };
}

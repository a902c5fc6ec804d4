/** The gateway process: HTTP, consumer and relay, or those of them that `--only http,consumer,relay` names. */
import { runMain } from './lifecycle.ts';
import { environmentWith } from './process/arguments.ts';
import { startConsumer, startHttp, startRelay } from './process/gateway-parts.ts';
import { startHealth } from './process/health-part.ts';
import { openKafka, openProcess, openTemporal } from './process/open.ts';

await runMain(async () => {
  const gateway = await openProcess('gateway', environmentWith(process.argv.slice(2), process.env));
  const { gatewayParts } = gateway.config;
  const started = gatewayParts.has('http') ? undefined : await startHealth(gateway);
  const kafka = await openKafka(gateway);
  const temporal = await openTemporal(gateway);

  // Drained in reverse: nothing new comes in while what is in hand still goes out.
  if (gatewayParts.has('relay')) await startRelay(gateway, kafka);
  if (gatewayParts.has('consumer')) await startConsumer(gateway, kafka, temporal);
  if (gatewayParts.has('http')) await startHttp(gateway, kafka, temporal);
  started?.();
  gateway.logger.info({ parts: [...gatewayParts] }, 'the gateway runs');
});

import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { logLevel, type ISocketFactory, type KafkaConfig, type SASLOptions } from 'kafkajs';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../ground/logger.ts';
import { toKafkaJsLog } from './log.ts';

/** Opens a broker connection without Nagle's delay: a produce request of an idle system must not wait for company. */
const openSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  // kafkajs passes no ssl at all for a plain connection, whatever its types say.
  const secured = ssl as typeof ssl | undefined;
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket = secured
    ? connectTls({ host, port, ...servername, ...secured }, onConnect)
    : connectTcp({ host, port }, onConnect);
  socket.setKeepAlive(true, 15_000);
  socket.setNoDelay(true);
  return socket;
};

/** Settings of every kafkajs client. Times are bounded so that a broker that accepts and never answers is told from a slow one. */
export function clientConfig(config: Config['kafka'], logger: Logger): KafkaConfig {
  return {
    brokers: [...config.brokers],
    clientId: config.clientId,
    connectionTimeout: 3_000,
    authenticationTimeout: 10_000,
    requestTimeout: 10_000,
    retry: { retries: 4, initialRetryTime: 100, maxRetryTime: 2_000 },
    logLevel: logLevel.INFO,
    logCreator: toKafkaJsLog(logger),
    socketFactory: openSocket,
    ssl: config.tls ? { ...config.tls } : false,
    ...(config.sasl ? { sasl: saslOf(config.sasl) } : {}),
  };
}

function saslOf({ mechanism, username, password }: NonNullable<Config['kafka']['sasl']>): SASLOptions {
  switch (mechanism) {
    case 'plain':
      return { mechanism: 'plain', username, password };
    case 'scram-sha-256':
      return { mechanism: 'scram-sha-256', username, password };
    case 'scram-sha-512':
      return { mechanism: 'scram-sha-512', username, password };
  }
}

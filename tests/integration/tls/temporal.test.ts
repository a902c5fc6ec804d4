/** Temporal behind TLS with a CA of its own and clients that show a certificate: a proxy that ends TLS, as many have in front. */
import { once } from 'node:events';
import { connect as connectTcp, type AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { readConfig } from '../../../packages/sagaline/config/config.ts';
import { connectTemporal } from '../../../packages/sagaline/temporal/connect.ts';
import { connectNative } from '../../../packages/sagaline/temporal/worker.ts';
import { certificateFiles } from '../../support/certificates.ts';
import '../../support/stack.ts';

const { ca, server, files } = certificateFiles();
const stranger = certificateFiles();
let proxy: Server;

beforeAll(async () => {
  const [host = '', port = ''] = inject('stack').temporalAddress.split(':');
  const options = { ca: ca.cert, cert: server.cert, key: server.key, requestCert: true, rejectUnauthorized: true };
  proxy = createServer({ ...options, ALPNProtocols: ['h2'] }, (socket) => {
    const temporal = connectTcp(Number(port), host);
    for (const end of [socket, temporal]) end.on('error', () => [socket, temporal].map((other) => other.destroy()));
    socket.pipe(temporal).pipe(socket);
  });
  proxy.on('tlsClientError', () => undefined);
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
});
afterAll(() => proxy.close());

/** A variable that is undefined is left out. */
function configOf(own: Record<string, string | undefined> = {}) {
  const { port } = proxy.address() as AddressInfo;
  return readConfig({
    ...{ TEMPORAL_ADDRESS: `127.0.0.1:${port}`, TEMPORAL_TLS: 'true', TEMPORAL_TLS_SERVER_NAME: 'localhost' },
    ...{ TEMPORAL_TLS_CA_FILE: files.ca, TEMPORAL_TLS_CERT_FILE: files.cert, TEMPORAL_TLS_KEY_FILE: files.key, ...own },
  }).temporal;
}

test('serves the client of a gateway and the connection of a worker that show a certificate of its CA', async () => {
  const temporal = await connectTemporal({ config: configOf() });
  await temporal.ping();
  await temporal.close();
  const native = await connectNative(configOf());
  const { namespaceInfo } = await native.workflowService.describeNamespace({ namespace: 'default' });
  expect(namespaceInfo?.name).toBe('default');
  await native.close();
});

test.each([
  ['no certificate', { TEMPORAL_TLS_CERT_FILE: undefined, TEMPORAL_TLS_KEY_FILE: undefined }],
  [
    'a certificate of another CA',
    { TEMPORAL_TLS_CERT_FILE: stranger.files.cert, TEMPORAL_TLS_KEY_FILE: stranger.files.key },
  ],
  ['only the system’s trust', { TEMPORAL_TLS_CA_FILE: undefined }],
  ['another name in mind', { TEMPORAL_TLS_SERVER_NAME: 'temporal.example' }],
])('does not serve who has %s', async (_what, own) => {
  await expect(connectTemporal({ config: configOf(own) })).rejects.toThrow();
  await expect(connectNative(configOf(own))).rejects.toThrow();
});

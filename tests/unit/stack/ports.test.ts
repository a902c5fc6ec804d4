import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { choosePorts, isFree, STANDARD_PORTS } from '../../../packages/sagaline/dev/native/ports.ts';

const always = () => Promise.resolve(true);

describe('choosing ports', () => {
  it('takes the standard ones when they are free', async () => {
    expect(await choosePorts(STANDARD_PORTS, {}, always)).toEqual(STANDARD_PORTS);
  });

  it('takes another one for each that is not', async () => {
    const ports = await choosePorts(STANDARD_PORTS, {}, (port) => Promise.resolve(port !== STANDARD_PORTS.kafka));
    expect(ports).toEqual({ ...STANDARD_PORTS, kafka: expect.any(Number) as number });
    expect(ports.kafka).not.toBe(STANDARD_PORTS.kafka);
  });

  it('leaves a running server its own, although that one is not free', async () => {
    const ports = await choosePorts(STANDARD_PORTS, { temporal: 7233 }, (port) => Promise.resolve(port !== 7233));
    expect(ports.temporal).toBe(7233);
  });

  it('gives no port twice, not even one that another server prefers', async () => {
    const ports = await choosePorts({ kafka: 5432, postgres: 5432 }, { temporal: 8090, payment: 8090 }, always);
    const chosen = Object.entries(ports).filter(([name]) => name !== 'temporal' && name !== 'payment');
    expect(new Set(chosen.map(([, port]) => port)).size).toBe(chosen.length);
    expect(chosen.map(([, port]) => port)).not.toContain(8090);
  });

  it('sees whether somebody listens', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await isFree(port)).toBe(false);
    await new Promise((resolve) => server.close(resolve));
    expect(await isFree(port)).toBe(true);
  });
});

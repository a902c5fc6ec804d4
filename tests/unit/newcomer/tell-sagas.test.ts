import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSagaTeller } from '../../../packages/sagaline/bin/dev/tell-sagas.ts';

const asked: IncomingHttpHeaders[] = [];
const said: string[] = [];
const told = new EventEmitter();
let server: Server;
let url: string;

const event = (name: string, id: string, data: object) =>
  `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
const saga = (id: string, state: string, parked: string[] = []) => event('saga', id, { id: `s:${id}`, state, parked });

/** Says what there is after the id that it is asked for, and ends, as a gateway does that is stopped. */
beforeAll(async () => {
  const feed = [
    [event('ready', '1', {}), saga('2', 'running')],
    [event('ready', '2', {}), ': still here\n\n', saga('3', 'completed'), saga('4', 'rollingBack', ['refund'])],
  ];
  server = createServer((request, response) => {
    asked.push(request.headers);
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end(feed[asked.length - 1]?.join(''));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => void server.close());

test('tells what becomes of sagas, and goes on where it was when the gateway is a new one', async () => {
  const teller = createSagaTeller(url, (line) => told.emit('line', said.push(line)), 'key-1');
  const line = once(told, 'line');
  teller.follow();
  await line;
  const two = new Promise((resolve) => told.on('line', (count) => count === 3 && resolve(count)));
  teller.follow();
  await two;
  expect(said).toEqual([
    '  saga  s:2  running',
    '  saga  s:3  completed',
    '  saga  s:4  rollingBack, parked: it waits for an operator',
  ]);
  expect(asked.map((headers) => headers['last-event-id'])).toEqual([undefined, '2']);
  expect(asked[0]).toMatchObject({ authorization: 'Bearer key-1' });
  teller.close();
});

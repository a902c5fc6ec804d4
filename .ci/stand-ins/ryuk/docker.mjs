/** The few calls of the Docker engine's HTTP interface that the reaper needs. */
import { request } from 'node:http';

const API = '/v1.40';
const ATTEMPTS = 10;
const PAUSE_MS = 1_000;

/** What there is to remove, in the order in which one holds on to the other. */
const KINDS = [
  {
    name: 'container(s)',
    list: '/containers/json?all=true&',
    items: (found) => found.filter(({ Labels }) => Labels?.['org.testcontainers.ryuk'] !== 'true').map(({ Id }) => Id),
    remove: (id) => `/containers/${id}?force=true&v=true`,
  },
  {
    name: 'network(s)',
    list: '/networks?',
    items: (found) => found.map(({ Id }) => Id),
    remove: (id) => `/networks/${id}`,
  },
  {
    name: 'volume(s)',
    list: '/volumes?',
    items: ({ Volumes }) => (Volumes ?? []).map(({ Name }) => Name),
    remove: (name) => `/volumes/${name}?force=true`,
  },
  {
    name: 'image(s)',
    list: '/images/json?',
    items: (found) => found.map(({ Id }) => Id),
    remove: (id) => `/images/${id}?force=true`,
  },
];

export function createDocker(socketPath) {
  const call = (method, path) =>
    new Promise((resolve, reject) => {
      request({ socketPath, method, path: `${API}${path}` }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() }));
      })
        .on('error', reject)
        .end();
    });

  async function removeKind({ list, items, remove }, filter) {
    const { status, body } = await call('GET', `${list}filters=${encodeURIComponent(JSON.stringify(filter))}`);
    if (status !== 200) throw new Error(`${list} answered ${status}: ${body}`);
    const found = items(JSON.parse(body));
    for (const item of found) {
      const answer = await call('DELETE', remove(item));
      // Gone already is as good as removed by us; anything else may pass: a network whose container is just going.
      if (answer.status >= 400 && answer.status !== 404) throw new Error(`${remove(item)}: ${answer.body}`);
    }
    return found.length;
  }

  async function insist(work, log) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await work();
      } catch (error) {
        log(error.message);
        if (attempt === ATTEMPTS) return 0;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  /** Removes what matches any of the filters, and counts it by kind. What cannot be removed is logged. */
  async function removeAll(filters, log) {
    const removed = {};
    for (const kind of KINDS) {
      removed[kind.name] = 0;
      for (const filter of filters) removed[kind.name] += await insist(() => removeKind(kind, filter), log);
    }
    return removed;
  }

  return { removeAll };
}

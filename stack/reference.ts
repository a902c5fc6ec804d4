/** The servers of the reference application, which has a sandbox beside them. */
import { join, resolve } from 'node:path';
import type { StackOwner } from 'sagaline/dev';
import { notification } from '../activities/notification/index.ts';
import { payment } from '../activities/payment/index.ts';

const ROOT = resolve(import.meta.dirname, '..');

export const REFERENCE = {
  name: 'demo',
  root: ROOT,
  composeFile: join(ROOT, 'docker-compose.yml'),
  composeServices: ['kafka', 'postgres', 'temporal', 'temporal-ui'],
  sandbox: { main: join(ROOT, 'sandbox', 'main.ts'), declared: [payment, notification] },
  command: 'npm run stack --',
} as const satisfies StackOwner;

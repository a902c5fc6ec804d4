/** The baseline: what a team writes by hand on Temporal, with none of our guarantees. Four ordinary activities, engine only. */
import { proxyActivities } from '@temporalio/workflow';

interface HandWritten {
  charge(orderId: string): Promise<string>;
  refund(orderId: string): Promise<void>;
  notify(orderId: string): Promise<void>;
  record(orderId: string): Promise<void>;
  complete(orderId: string): Promise<void>;
}

const activities = proxyActivities<HandWritten>({ startToCloseTimeout: '10 seconds' });

export async function handWrittenSaga(orderId: string): Promise<void> {
  await activities.charge(orderId);
  try {
    await Promise.all([activities.notify(orderId), activities.record(orderId)]);
    await activities.complete(orderId);
  } catch (error) {
    await activities.refund(orderId);
    throw error;
  }
}

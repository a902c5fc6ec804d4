import { FinalFailure } from 'sagaline';
import type { NotificationActivities, Recipient } from './contract.ts';
import type { Deliver } from './deliver.ts';
import { CHANNELS } from './ports.ts';
import { write } from './templates.ts';

/**
 * Sends a message on every channel that there is an address for, on each once, whatever the number of attempts.
 *
 * @param operators how the operators are reached; without any channel, what is for them is sent to nobody
 * @throws RecipientRefused when a recipient is refused for good, ActionUndone when a compensation came first (final)
 */
export function createSend(
  deliver: Deliver,
  operators: Exclude<Recipient, 'operators'>,
): NotificationActivities['send'] {
  return async function send({ to, template, subjectId, subjectKind, values, key }) {
    const content = write(template, subjectId, values);
    const { email, phone } = to === 'operators' ? operators : to;
    const addresses = { email, sms: phone };
    const channels = CHANNELS.filter((channel) => addresses[channel] !== undefined);
    await allOrFailure(
      channels.map((channel) =>
        deliver({
          ...{ actionKey: key, channel, subjectId, subjectKind, template, content },
          recipient: addresses[channel] ?? '',
        }),
      ),
    );
    return { sent: channels };
  };
}

/**
 * Waits for all, then throws the failure that decides: a final one before one that another attempt may mend. No delivery is left
 * running behind an activity that is over.
 */
export async function allOrFailure(deliveries: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(deliveries);
  const failures = settled.filter((one) => one.status === 'rejected').map((one): unknown => one.reason);
  if (failures.length > 0) throw failures.find((failure) => failure instanceof FinalFailure) ?? failures[0];
}

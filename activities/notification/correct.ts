import type { NotificationActivities } from '../../workflows/contracts/participants.ts';
import type { Deliver } from './deliver.ts';
import { MessageStillOpen } from './failures.ts';
import { keyOf, type MessageRow, type MessageStore } from './ports.ts';
import { allOrFailure } from './send.ts';
import { write } from './templates.ts';

/**
 * Corrects a message on every channel on which it went out, once, and marks it undone on the others, so that it cannot go out
 * any more (kernel rule 12).
 *
 * A message whose attempt died in the middle may have gone out; nobody can be asked. It is corrected too: an apology too many
 * does less harm than an order that somebody believes to be paid.
 *
 * @throws RecipientRefused (final); MessageStillOpen (retryable) while an attempt may still be sending the message
 */
export function createCorrect(messages: MessageStore, deliver: Deliver): NotificationActivities['correct'] {
  return async function correct({ actionKey, template, subjectId, values, key }) {
    const rows = await messages.undo({ actionKey, subjectId, template });
    for (const { channel, busyForMs } of rows) {
      if (busyForMs > 0) throw new MessageStillOpen(keyOf({ actionKey, channel }), busyForMs);
    }
    const content = write(template, subjectId, values);
    const reached = rows.filter(wentOut);
    await allOrFailure(
      reached.map(({ channel, recipient }) =>
        deliver({ actionKey: key, channel, subjectId, template, recipient, content }),
      ),
    );
    return { corrected: reached.map(({ channel }) => channel) };
  };
}

function wentOut(row: MessageRow): row is MessageRow & { recipient: string } {
  return row.recipient !== null && (row.state === 'sent' || row.state === 'sending');
}

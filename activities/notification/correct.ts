import type { NotificationActivities } from './contract.ts';
import type { Deliver } from './deliver.ts';
import { MessageStillOpen, RecipientRefused } from './failures.ts';
import { keyOf, type Channel, type MessageRow, type MessageStore } from './ports.ts';
import { allOrFailure } from './send.ts';
import { write } from './templates.ts';

/**
 * Corrects a message on every channel on which it went out, once, and marks it undone on the others, so that it cannot go out
 * any more (kernel rule 12).
 *
 * A message whose attempt died in the middle may have gone out; nobody can be asked. It is corrected too: an apology too many
 * does less harm than an order that somebody believes to be paid.
 *
 * A recipient who is refused for good cannot be told, and no retry and no operator can change that: the undoing ends there, with
 * `notification.failed` for the correction.
 *
 * @throws MessageStillOpen (retryable) while an attempt may still be sending the message, NotDelivered (retryable)
 */
export function createCorrect(messages: MessageStore, deliver: Deliver): NotificationActivities['correct'] {
  return async function correct({ actionKey, template, subjectId, subjectKind, values, key }) {
    const rows = await messages.undo({ actionKey, subjectId, template });
    for (const { channel, state, busyForMs } of rows) {
      if (state === 'sending' && busyForMs > 0) throw new MessageStillOpen(keyOf({ actionKey, channel }), busyForMs);
    }
    const content = write(template, subjectId, values);
    const corrected: Channel[] = [];
    const refused: Channel[] = [];
    await allOrFailure(
      rows.filter(mayHaveGoneOut).map(async ({ channel, recipient }) => {
        try {
          await deliver({ actionKey: key, channel, subjectId, subjectKind, template, recipient, content });
          corrected.push(channel);
        } catch (error) {
          if (!(error instanceof RecipientRefused)) throw error;
          refused.push(channel);
        }
      }),
    );
    return { corrected: corrected.sort(), ...(refused.length > 0 && { refused: refused.sort() }) };
  };
}

function mayHaveGoneOut(row: MessageRow): row is MessageRow & { recipient: string } {
  return row.recipient !== null && (row.state === 'sent' || row.state === 'sending' || row.maybeSent);
}

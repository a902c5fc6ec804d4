/** The operators as a recipient: sagas and message rows say who, the configuration says where. */
import { NotDelivered } from './failures.ts';
import type { Carrier } from './ports.ts';

/** Stands in message rows instead of an address, so that the operators' address may change while a message is retried. */
export const OPERATORS = 'operators';

/**
 * Sends what is for the operators to their address.
 *
 * @param address undefined where the configuration names none
 */
export function withOperators(carrier: Carrier, address: string | undefined): Carrier {
  return {
    async send(message) {
      const recipient = message.recipient === OPERATORS ? address : message.recipient;
      // Only after a restart without the address, for a message that an earlier process had begun.
      if (recipient === undefined) throw new NotDelivered('no_operators_address', true);
      await carrier.send({ ...message, recipient });
    },
    close: () => carrier.close(),
  };
}

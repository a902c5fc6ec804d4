import { UserError } from '../user-error.ts';

/** One name in all the ways in which it is written. */
export interface Names {
  /** gift-card: files, events. */
  readonly kebab: string;
  /** giftCard: values. */
  readonly camel: string;
  /** GIFT_CARD: variables. */
  readonly constant: string;
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const MAX = 40;
/** Would not be the name of a constant. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
    'finally for function if implements import in instanceof interface let new null package private protected public return ' +
    'static super switch this throw true try typeof var void while with yield'
  ).split(' '),
);
/** The kernel's own participant, and what every app file has already. */
const TAKEN: ReadonlySet<string> = new Set(['outcome', 'app', 'define-app']);

/** @throws UserError saying what a name is to look like */
export function namesOf(name: string | undefined, what: 'saga' | 'participant'): Names {
  if (name === undefined) throw new UserError(`sagaline new ${what} <name>, such as gift-card`);
  // orderSaga and order-saga are meant as order: the ending is added anyway.
  if (what === 'saga' && /[-]?saga$/i.test(name)) {
    throw new UserError(`${name}: leave out the ending; the saga of gift-card is giftCardSaga in gift-card.saga.ts`);
  }
  if (!NAME.test(name) || name.length > MAX) {
    throw new UserError(`${name}: a name is lower-case letters, digits and hyphens, up to ${MAX}, such as gift-card`);
  }
  if (RESERVED.has(name) || TAKEN.has(name)) throw new UserError(`${name}: that name is taken; choose another`);
  const camel = name.replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return { kebab: name, camel, constant: name.toUpperCase().replaceAll('-', '_') };
}

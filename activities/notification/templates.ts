/** The words. Plain and short; every value is made harmless before it gets in. */
import { storableText } from 'sagaline/workflow';
import type { Template } from './contract.ts';
import type { Content } from './ports.ts';

export type Values = Readonly<Record<string, string | number>>;

interface Words {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly short: string;
}

type Writer = (subjectId: string, values: Values) => Words;

const writers: Readonly<Record<Template, Writer>> = {
  'order-paid': (orderId, values) => ({
    subject: `Your order ${orderId} is paid`,
    paragraphs: [`Thank you. We received your payment${amountOf(values)} for order ${orderId}.`],
    short: `We received your payment${amountOf(values)} for order ${orderId}. Thank you.`,
  }),
  'order-rejected': (orderId) => ({
    subject: `Correction: your order ${orderId} could not be completed`,
    paragraphs: [
      `We told you that your order ${orderId} was paid. We are sorry: it could not be completed.`,
      'What you paid for it is returned to you. There is nothing that you need to do.',
    ],
    short: `Correction: your order ${orderId} could not be completed. What you paid is returned to you.`,
  }),
  welcome: (_userId, values) => ({
    subject: 'Welcome',
    paragraphs: [`Welcome${nameOf(values)}. Your account is ready.`],
    short: `Welcome${nameOf(values)}. Your account is ready.`,
  }),
  'follow-up': (_userId, values) => ({
    subject: 'Your account is waiting for you',
    paragraphs: [
      `Hello${nameOf(values)}. Your account is ready, and you have not used it yet.`,
      'Can we help you begin?',
    ],
    short: `Hello${nameOf(values)}. Your account is ready whenever you are.`,
  }),
  'error-burst': (alertId, values) => ({
    subject: `Alert: errors of ${serviceOf(values)}`,
    paragraphs: [
      `The log of ${serviceOf(values)} has ${errorsOf(values)}${withinOf(values)}${sinceOf(values)}.`,
      `Alert ${alertId}. You get one message for each burst, however long it lasts.`,
    ],
    short: `Alert: ${serviceOf(values)} logs ${errorsOf(values)}${withinOf(values)}.`,
  }),
};

/** What each template writes about. */
const KINDS: Readonly<Record<Template, string>> = {
  'order-paid': 'order',
  'order-rejected': 'order',
  welcome: 'user',
  'follow-up': 'user',
  'error-burst': 'alert',
};

/** What kind of thing the subject of a template is. */
export function kindOf(template: Template): string {
  return KINDS[template];
}

/** Fills a template. A value that is missing leaves its words out; there is no half-filled text. */
export function write(template: Template, subjectId: string, values: Values = {}): Content {
  const { subject, paragraphs, short } = writers[template](oneLine(subjectId), values);
  return {
    subject,
    text: `${paragraphs.join('\n\n')}\n`,
    html: `<!doctype html><html><body>${paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join('')}</body></html>`,
    short,
  };
}

function nameOf({ name }: Values): string {
  return name === undefined ? '' : `, ${oneLine(name)}`;
}

function serviceOf({ service }: Values): string {
  return service === undefined ? 'a service' : oneLine(service);
}

function errorsOf({ count }: Values): string {
  return count === undefined ? 'too many errors' : `${oneLine(count)} errors`;
}

function withinOf({ windowMs }: Values): string {
  return typeof windowMs === 'number' ? ` within ${windowMs / 1_000} seconds` : '';
}

function sinceOf({ at }: Values): string {
  return at === undefined ? '' : `, since ${oneLine(at)}`;
}

/** Minor units, shown with as many digits as the currency has: 1999 EUR is €19.99, 1999 KRW is ₩1,999. */
function amountOf({ amount, currency }: Values): string {
  if (typeof amount !== 'number' || typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency)) return '';
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return ` of ${format.format(amount / 10 ** digits)}`;
}

const MAX_VALUE = 200;

/** No line breaks or other control characters: a value can add no header and no line. */
function oneLine(value: string | number): string {
  const line = String(value).replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return storableText(line.trim(), MAX_VALUE);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

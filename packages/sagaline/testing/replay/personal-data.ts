/** Finds what looks like a real person in a history: its payloads are decoded for that. */

/** Domains that nobody can have: RFC 2606. */
const FICTITIOUS_DOMAIN = /(^|\.)example$/i;
/** Numbers that nobody can have: 555-0100 to 555-0199 in North America, Ofcom's numbers for drama in the United Kingdom. */
const FICTITIOUS_PHONE = /^\+(1\d{3}55501\d{2}|447700900\d{3})$/;

/** The last label begins with a letter: `@temporalio/worker@1.24.0` is a build. */
const EMAIL = /[^\s@<>"',;:()]+@((?:[\p{L}\p{N}-]+\.)*\p{L}[\p{L}\p{N}-]*)/gu;
const PHONE = /\+[1-9][0-9]{6,14}\b/g;
const CARD = /\b[0-9]{15,16}\b/g;

/** Where something was found and what it looks like; never the thing itself, for this is printed. */
export interface Finding {
  /** As in `events[0].workflowExecutionStartedEventAttributes.input.payloads[0].data.contact.email`. */
  readonly path: string;
  readonly what: 'an e-mail address' | 'a phone number' | 'a card number' | 'a payload that cannot be read';
}

/**
 * Looks at every string of a history in its JSON form, also inside payloads. It knows addresses, phone and card numbers, not
 * names: look at what you commit.
 */
export function personalDataIn(value: unknown, path = ''): Finding[] {
  if (typeof value === 'string') return kindsIn(value).map((what) => ({ path, what }));
  if (Array.isArray(value)) return value.flatMap((item, index) => personalDataIn(item, `${path}[${index}]`));
  if (value === null || typeof value !== 'object') return [];
  if (isPayload(value)) return personalDataInPayload(value, path);
  return Object.entries(value).flatMap(([key, child]) => [
    ...personalDataIn(key, `${path}.(a key)`),
    ...personalDataIn(child, path === '' ? key : `${path}.${key}`),
  ]);
}

function kindsIn(text: string): Finding['what'][] {
  const kinds: Finding['what'][] = [];
  const domains = [...text.matchAll(EMAIL)].map(([, domain = '']) => domain);
  if (domains.some((domain) => !FICTITIOUS_DOMAIN.test(domain))) kinds.push('an e-mail address');
  if ((text.match(PHONE) ?? []).some((number) => !FICTITIOUS_PHONE.test(number))) kinds.push('a phone number');
  if ((text.match(CARD) ?? []).some(hasLuhnCheckDigit)) kinds.push('a card number');
  return kinds;
}

interface JsonPayload {
  readonly metadata: { readonly encoding: string };
  readonly data?: string;
}

function isPayload(value: object): value is JsonPayload {
  const { metadata } = value as { metadata?: { encoding?: unknown } | null };
  return typeof metadata === 'object' && metadata !== null && typeof metadata.encoding === 'string';
}

function personalDataInPayload({ metadata, data = '' }: JsonPayload, path: string): Finding[] {
  const encoding = Buffer.from(metadata.encoding, 'base64').toString();
  if (encoding === 'binary/null') return [];
  try {
    if (!encoding.startsWith('json/')) throw new TypeError(`${encoding} is not JSON`);
    return personalDataIn(JSON.parse(Buffer.from(data, 'base64').toString()), `${path}.data`);
  } catch {
    // Encrypted, or binary: nobody can say what is in it.
    return [{ path, what: 'a payload that cannot be read' }];
  }
}

/** ISO/IEC 7812-1, annex B. */
function hasLuhnCheckDigit(digits: string): boolean {
  const sum = Array.from(digits)
    .reverse()
    .reduce((total, digit, index) => {
      const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
      return total + (value > 9 ? value - 9 : value);
    }, 0);
  return sum % 10 === 0;
}

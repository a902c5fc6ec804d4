/**
 * Numbers that JavaScript cannot hold. JSON has numbers of any size, and producers send 64-bit ids: JSON.parse makes another number
 * of 1125899906842624123, and none of 1e400, without a word. Where a number would change, its digits are kept as text: what wants
 * a number refuses it by its path, and what takes text has what was sent.
 */

/** After what a value follows: a number of 16 digits or more, or one with an exponent. Any shorter one fits. */
const MAY_CHANGE = /[:,[\s]-?(?:[0-9][0-9.]{15,}|[0-9][0-9.]*[eE])|^-?(?:[0-9][0-9.]{15,}|[0-9][0-9.]*[eE])/;

const NUMBER = /-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/g;

/** @param json valid JSON @returns JSON of the same content, whose numbers JSON.parse keeps */
export function withExactNumbers(json: string): string {
  if (!MAY_CHANGE.test(json)) return json;
  const parts: string[] = [];
  for (let at = 0; at < json.length;) {
    const quote = json.indexOf('"', at);
    const end = quote === -1 ? json.length : quote;
    parts.push(json.slice(at, end).replace(NUMBER, (number) => (isHeld(number) ? number : `"${number}"`)));
    at = quote === -1 ? end : endOfString(json, quote);
    parts.push(json.slice(end, at));
  }
  return parts.join('');
}

/** The place after the quote that closes a string. */
function endOfString(json: string, open: number): number {
  for (let close = json.indexOf('"', open + 1); close !== -1; close = json.indexOf('"', close + 1)) {
    let backslashes = 0;
    while (json[close - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return close + 1;
  }
  return json.length;
}

/** Whether the number that JavaScript makes of it, written out again, has the same digits at the same place. */
function isHeld(number: string): boolean {
  const held = Number(number);
  if (!Number.isFinite(held)) return false;
  const [sent, kept] = [decimalOf(number), decimalOf(String(held))];
  return sent.digits === kept.digits && (sent.digits === '' || sent.exponent === kept.exponent);
}

/** A number as 0.digits * 10^exponent, without zeros at either end; its sign cannot get lost. */
function decimalOf(number: string): { readonly digits: string; readonly exponent: number } {
  const [, whole = '', fraction = '', power = '0'] =
    /^-?([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/.exec(number) ?? [];
  const all = whole + fraction;
  const significant = all.replace(/^0+/, '');
  const exponent = whole.length - (all.length - significant.length) + Number(power);
  return { digits: significant.replace(/0+$/, ''), exponent };
}

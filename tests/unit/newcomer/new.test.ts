import { expect, test } from 'vitest';
import { namesOf } from '../../../packages/sagaline/bin/new/names.ts';
import { registered } from '../../../packages/sagaline/bin/new/register.ts';
import { devOptionsOf } from '../../../packages/sagaline/bin/dev/options.ts';
import { forTheTerminal } from '../../../packages/sagaline/bin/dev/child.ts';

const giftCard = namesOf('gift-card', 'participant');

test('a name is written in three ways', () => {
  expect(giftCard).toEqual({ kebab: 'gift-card', camel: 'giftCard', constant: 'GIFT_CARD' });
  expect(namesOf('hotel2', 'saga')).toEqual({ kebab: 'hotel2', camel: 'hotel2', constant: 'HOTEL2' });
});

test.each(['Gift', 'gift_card', 'gift--card', '-gift', '2gift', '../gift', 'a'.repeat(41), 'class', 'outcome', 'app'])(
  '%s is no name',
  (name) => {
    expect(() => namesOf(name, 'participant')).toThrow(name);
  },
);

test('a saga is named without its ending, which is added', () => {
  expect(() => namesOf('order-saga', 'saga')).toThrow('leave out the ending');
  expect(() => namesOf('orderSaga', 'saga')).toThrow('leave out the ending');
  expect(() => namesOf(undefined, 'saga')).toThrow('sagaline new saga <name>');
});

const APP = (list: string) => `import { defineApp } from 'sagaline';
import { hotel } from './participants/hotel.ts';

export const app = defineApp({
  name: 'my-shop',
  participants: [${list}],
});
`;

test.each([
  ['hotel', 'hotel, giftCard'],
  ['', 'giftCard'],
  ['\n    hotel,\n    stock,\n  ', '\n    hotel,\n    stock,\n    giftCard,\n  '],
])('a participant is added to the list [%s], as that is written', (before, after) => {
  const text = registered(APP(before), giftCard);
  expect(text).toContain(`participants: [${after}],`);
  expect(text).toContain("hotel.ts';\nimport { giftCard } from './participants/gift-card.ts';\n\nexport");
});

test('what cannot be told is left to its author', () => {
  expect(registered(APP('hotel').replace('[hotel]', 'all'), giftCard)).toBeUndefined();
  expect(registered(`${APP('hotel')}\n// participants: [hotel]\n`, giftCard)).toBeUndefined();
  expect(registered('export const app = 1;', giftCard)).toBeUndefined();
});

test('dev wants variables, and knows what it is asked', () => {
  expect(devOptionsOf([])).toEqual({ farEnd: [], down: false });
  expect(devOptionsOf(['--down', '--far-end', 'A_URL', '--far-end', 'B_URL'])).toEqual({
    farEnd: ['A_URL', 'B_URL'],
    down: true,
  });
  expect(() => devOptionsOf(['--far-end', 'http://x'])).toThrow('name the variable');
  expect(() => devOptionsOf(['--far'])).toThrow('sagaline dev');
});

test('the terminal shows what is wrong, what an author prints, and nothing else', () => {
  expect(forTheTerminal('{"level":"info","msg":"listening"}')).toBeUndefined();
  expect(forTheTerminal('{"level":"warn","msg":"slow"}')).toBe('warn: slow');
  expect(forTheTerminal('{"level":"error","msg":"failed","err":{"message":"no"}}')).toBe('error: failed: no');
  expect(forTheTerminal('cannot start: DATABASE_URL')).toBe('cannot start: DATABASE_URL');
  expect(forTheTerminal('{"mine":1}')).toBe('{"mine":1}');
  expect(forTheTerminal('{ no: JSON')).toBe('{ no: JSON');
  expect(forTheTerminal('  ')).toBeUndefined();
});

import { describe, expect, test } from 'vitest';
import { createHighlighter } from '../../../../packages/sagaline/pipeline/search/text/highlight.ts';
import { parseQuery } from '../../../../packages/sagaline/pipeline/search/text/query.ts';
import { finds } from './finds.ts';

describe('a text is found', () => {
  test.each([
    ['the payment of order o-1 was declined', 'payment'],
    ['the payment of order o-1 was declined', 'DECLINED Order'],
    ['the payment of order o-1 was declined', 'o-1'],
    ['the payment of order o-1 was declined', 'payments'],
    ['retried 3 payments', 'payment'],
    ['connection refused', 'connecting'],
    ['connection refused', 'conn'],
    ['mail to ada@customer.example', 'ada@customer.example'],
    ['mail to ada@customer.example', 'customer.example'],
    ['user id missing', 'user-id'],
    ['orderSaga:o-1 ended', 'orderSaga:o-1'],
    ['Straße in Zürich', 'zürich'],
    ['ＦＵＬＬ width', 'full'],
    ['결제가 거절되었습니다', '결제'],
    ['결제가 거절되었습니다', '결제가'],
    ['결제를 다시 시도', '결제가'],
    ['서버에서부터 왔다', '서버'],
    ['결제가 거절되었습니다', '거절'],
    ['신용카드결제실패', '결제'],
    ['배송지 주소를 확인', '주소 배송'],
    ['공책', '책'],
    ['주문 o-7 결제완료', '결제 o-7'],
    ['注文が失敗しました', '失敗'],
    ['カード決済', '決済'],
    ['Kafka를 다시 시작했습니다', 'Kafka가'],
    ['Kafka 연결 실패', 'kafka에서만은'],
    ['DB 연결 실패', 'DB의'],
    ['order o-1 was declined', 'o-1을'],
    ['order o-1 was declined', '(o-1)의'],
    ['3 retries', '3에서'],
    ['결과를 확인', '결과는'],
    ['책을 배송함', '책'],
    ['책을 배송함', '책이'],
    ['책, 돈', '돈에는'],
    ['돈이 부족함', '돈을'],
    ['\u001b[31mERROR\u001b[0m \u001b[1mpayment\u001b[22m lost', 'payment'],
    ['pay\u001b[1mment\u001b[22m lost', 'payment'],
    ['one\u001b[2Ktwo', 'two'],
    ['\u001b]8;;https://shop.example\u001b\\receipt\u001b]8;;\u001b\\', 'receipt'],
    ['\u001b]0;never ended', 'ended'],
    ['Zahlungs\u00adverkehr gestört', 'Zahlungsverkehr'],
    ['Zahlungsverkehr gestört', 'Zahlungs\u00adverkehr'],
    ['pay\u200bment lost', 'payment'],
    ['check\u2060out slow', 'checkout'],
    ['결\u200b제 실패', '결제'],
    ['✔️ delivered', 'delivered ✔️'],
    ['\u{e0001}tagged', 'tagged'],
  ])('%j by %j', (text, query) => {
    expect(finds(text, query)).toBe(true);
  });

  test.each([
    ['order o-1 was declined', 'o-2'],
    ['order o-1 was declined', 'o-11'],
    ['o then 1', 'o-1'],
    ['결제가 거절되었습니다', '배송'],
    ['결제', '제결'],
    ['accepted', 'rejected'],
    ['payment declined', 'payment accepted'],
    ['stop', 'st'],
    ['kafka', 'Kafka로그'],
    ['3 books', '3만'],
    ['책임을 지다', '책이'],
    ['연결이 끊겼습니다', '결과'],
    ['Kafka', '가 Kafka'],
  ])('%j not by %j', (text, query) => {
    expect(finds(text, query)).toBe(false);
  });

  test('by an identifier as it is, spaces and all', () => {
    expect(finds('', 'SKU 1/a', ['sku 1/A'])).toBe(true);
    expect(finds('', 'sku 1/b', ['sku 1/A'])).toBe(false);
  });
});

test.each([
  '',
  ' ',
  '?!',
  "'",
  '\0',
  '…',
  '🦊',
  '❤️',
  '\ufe0f',
  '\u200b',
  '\u0301',
  '\u3164',
  '\u20e3',
  '⺀',
  '\u001b[31m',
  "\\'&|!:*()",
])('%j asks for nothing', (text) => {
  expect(parseQuery(text)).toBeUndefined();
});

test('a query of many words counts the first ones', () => {
  expect(parseQuery(Array.from({ length: 100 }, (_, index) => `w${index}`).join(' '))?.groups).toHaveLength(16);
});

test('a query that repeats itself asks once', () => {
  expect(parseQuery('card card CARD 결제 결제')?.groups).toEqual(parseQuery('card 결제')?.groups);
  expect(parseQuery('가'.repeat(14))?.groups).toEqual([
    [[{ token: '가가', prefix: false }], [{ token: '가가', prefix: false }]],
  ]);
});

test('a particle at the end is no part of an id', () => {
  expect(parseQuery('o-1을')).toEqual(parseQuery('o-1'));
  expect(parseQuery('o-1 을')).not.toEqual(parseQuery('o-1'));
});

describe('the answer shows', () => {
  const marked = (text: string, typed: string) => {
    const query = parseQuery(typed);
    if (!query) throw new Error('asks for nothing');
    return createHighlighter(query)(text)
      .map((fragment) => (fragment.match ? `[${fragment.text}]` : fragment.text))
      .join('');
  };

  test.each([
    ['card was declined twice', 'decline', 'card was [declined] twice'],
    ['3 payments of o-1', 'payment o-1', '3 [payments] of [o-1]'],
    ['결제가 거절되었습니다', '결제', '[결제]가 거절되었습니다'],
    ['신용카드결제실패', '결제실패', '신용카드[결제실패]'],
    ['<b>declined</b>', 'declined', '<b>[declined]</b>'],
    ['nothing here', 'else', 'nothing here'],
    ['Kafka를 다시', 'Kafka가', '[Kafka]를 다시'],
    ['책을 배송함', '책이', '[책]을 배송함'],
    ['pay\u200bment lost', 'payment', '[pay\u200bment] lost'],
    ['결제 결제', '결제 결제', '[결제] [결제]'],
    ['ab cd', 'ab cd', '[ab] [cd]'],
  ])('where %j answers %j', (text, query, shown) => {
    expect(marked(text, query)).toBe(shown);
  });

  test('the part of a long text that matches', () => {
    const text = `${'before '.repeat(100)}needle${' after'.repeat(100)}`;
    expect(marked(text, 'needle')).toMatch(/^….{40,60} \[needle\] .{100,200}…$/);
  });
});

import { describe, expect, test } from 'vitest';
import { highlight } from '../../../../gateways/pipeline/search/text/highlight.ts';
import { parseQuery } from '../../../../gateways/pipeline/search/text/query.ts';
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
  ])('%j not by %j', (text, query) => {
    expect(finds(text, query)).toBe(false);
  });

  test('by an identifier as it is, spaces and all', () => {
    expect(finds('', 'SKU 1/a', ['sku 1/A'])).toBe(true);
    expect(finds('', 'sku 1/b', ['sku 1/A'])).toBe(false);
  });
});

test.each(['', ' ', '?!', "'", '\0', '…', '🦊', "\\'&|!:*()"])('%j asks for nothing', (text) => {
  expect(parseQuery(text)).toBeUndefined();
});

test('a query of many words counts the first ones', () => {
  expect(parseQuery(Array.from({ length: 100 }, (_, index) => `w${index}`).join(' '))?.groups).toHaveLength(16);
});

describe('the answer shows', () => {
  const marked = (text: string, typed: string) => {
    const query = parseQuery(typed);
    if (!query) throw new Error('asks for nothing');
    return highlight(text, query)
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
  ])('where %j answers %j', (text, query, shown) => {
    expect(marked(text, query)).toBe(shown);
  });

  test('the part of a long text that matches', () => {
    const text = `${'before '.repeat(100)}needle${' after'.repeat(100)}`;
    expect(marked(text, 'needle')).toMatch(/^….{40,60} \[needle\] .{100,200}…$/);
  });
});

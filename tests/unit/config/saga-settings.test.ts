import { expect, test } from 'vitest';
import { checkSagaSettings } from '../../../packages/sagaline/config/saga-settings.ts';
import { sagas } from '../../support/reference.ts';

test('settings that sagas have are taken, also those that every saga has', () => {
  const settings = { orderSaga: { deadline: '1 hour', patience: '1 minute' }, signupSaga: { followUpAfter: '1 day' } };
  expect(() => checkSagaSettings(settings, sagas)).not.toThrow();
});

test('a misspelt saga or setting is refused with the names that there are, all at once', () => {
  const settings = { ordersaga: {}, orderSaga: { dedline: '1 hour' }, signupSaga: { followUpAfter: 1 } };
  expect(() => checkSagaSettings(settings, sagas)).toThrow(
    /2 problem[^]*no saga ordersaga; there are alertSaga, orderSaga, signupSaga[^]*orderSaga has no setting dedline; it has deadline, patience/,
  );
});

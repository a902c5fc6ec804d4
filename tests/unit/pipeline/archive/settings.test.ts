import { expect, test } from 'vitest';
import { readConfig } from '../../../../packages/sagaline/config/config.ts';

test('without settings everything stays where it is', () => {
  expect(readConfig({}).pipeline.archive).toEqual({
    extraTopics: [],
    policy: { directory: undefined, graceMs: 6 * 60 * 60 * 1000, keepDays: undefined, keepFilesDays: undefined },
  });
});

test.each([
  [{ ARCHIVE_KEEP_DAYS: '7' }, /ARCHIVE_KEEP_DAYS: set ARCHIVE_DIR too/],
  [{ ARCHIVE_DIR: 'archive', ARCHIVE_KEEP_FILES_DAYS: '7' }, /ARCHIVE_KEEP_FILES_DAYS: must be/],
  [
    { ARCHIVE_DIR: 'archive', ARCHIVE_KEEP_DAYS: '8', ARCHIVE_KEEP_FILES_DAYS: '7' },
    /ARCHIVE_KEEP_FILES_DAYS: must be/,
  ],
  [{ ARCHIVE_EXTRA_TOPICS: 'good,no good' }, /ARCHIVE_EXTRA_TOPICS/],
])('%j is refused', (environment, message) => {
  expect(() => readConfig(environment)).toThrow(message);
});

test('files may be kept as long as rows, and longer', () => {
  const environment = { ARCHIVE_DIR: 'archive', ARCHIVE_KEEP_DAYS: '7', ARCHIVE_KEEP_FILES_DAYS: '7' };
  expect(readConfig(environment).pipeline.archive.policy).toMatchObject({ keepDays: 7, keepFilesDays: 7 });
});

import { expect, test } from 'vitest';
import { createLogger } from '../../../packages/sagaline/ground/logger.ts';
import { Prisma } from '../../../packages/sagaline/prisma/generated/client.ts';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  write(createLogger({ name: 'test', level: 'info', destination }));
  expect(lines).toHaveLength(1);
  return lines.join('');
}

test('personal data and secrets that slip in do not come out', () => {
  const contact = { email: 'ada@customer.example', phone: '+4915112345678' };
  const line = logged((logger) =>
    logger.info({ contact, order: { contact, paymentMethod: { token: 'tok_ok' } }, authorization: 'Bearer x' }, 'oops'),
  );
  expect(line).not.toMatch(/ada@|4915|tok_ok|Bearer/);
  expect(line).toContain('[redacted]');
});

test('line breaks and escape sequences cannot forge a line (failure mode 69)', () => {
  const line = logged((logger) => logger.info({ id: 'a\r\n{"level":"fatal"}\u001b[31m' }, 'm\nm'));
  expect(line.trimEnd()).not.toMatch(/[\r\n\u001b]/);
});

test('of Prisma’s errors only the last line is kept: those above quote the call', () => {
  const message = '\nInvalid `db.profile.create()`\n  email: "ada@customer.example"\n\nUnique constraint failed';
  const error = new Prisma.PrismaClientKnownRequestError(message, { code: 'P2002', clientVersion: '7' });
  const line = logged((logger) => logger.error({ err: error }, 'failed'));
  expect(line).toContain('Unique constraint failed');
  expect(line).toContain('P2002');
  expect(line).not.toContain('ada@');
});

import { describe, expect, test } from 'vitest';
import { newLogger } from './logger.js';

function logged(fields: object): string {
  const lines: string[] = [];
  const logger = newLogger(
    { LOG_LEVEL: 'info', LOG_FORMAT: 'json' },
    { write: (line: string) => void lines.push(line) },
  );
  logger.error(fields, 'Something went wrong');
  return lines.join('');
}

/** As the driver makes them: the values of the row are in the message and in properties. */
function databaseError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, detail: 'Key (email_key)=(ada@example.com) already exists.' });
}

describe('an error in the log', () => {
  test('tells what kind it is and where it comes from', () => {
    const { err } = JSON.parse(logged({ err: new RangeError('not an amount of money') }));
    expect(err).toMatchObject({ type: 'RangeError', message: 'not an amount of money' });
    expect(err.stack).toContain('logger.spec.ts');
  });

  test.each([
    ['23505', 'duplicate key value violates unique constraint "users"\n - detail: Key (email_key)=(ada@example.com)'],
    ['22P02', 'invalid input syntax for type integer: "ada@example.com"'],
    ['40P01', 'deadlock detected\n - detail: Process 1 stores ada@example.com'],
  ])('holds nothing of the row that PostgreSQL turned down: %s', (code, message) => {
    const line = logged({ err: databaseError(code, message) });
    expect(line).not.toContain('ada@example.com');
    expect(JSON.parse(line).err).toMatchObject({ code });
  });

  test('holds nothing of it either when another error was made of it', () => {
    const cause = databaseError('23505', 'Key (email_key)=(ada@example.com) already exists.');
    const line = logged({ err: new Error('The account could not be stored.', { cause }) });
    expect(line).not.toContain('ada@example.com');
    expect(JSON.parse(line).err).toMatchObject({
      message: 'The account could not be stored.',
      cause: { code: '23505' },
    });
  });
});

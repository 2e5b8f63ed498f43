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

describe('fields that are named like secrets', () => {
  test('are blacked out, three objects deep, whatever they hold', () => {
    const sent = {
      token: 'or_api_1',
      headers: { authorization: ['Bearer 2'], 'x-api-key': '3' },
      list: [{ key: '4' }],
    };
    expect(JSON.parse(logged(sent))).toMatchObject({
      token: '[redacted]',
      headers: { authorization: '[redacted]', 'x-api-key': '[redacted]' },
      list: [{ key: '[redacted]' }],
    });
    expect(sent).toMatchObject({ token: 'or_api_1', list: [{ key: '4' }] });
  });

  test('leave the others as they are, errors included', () => {
    const line = JSON.parse(
      logged({ err: Object.assign(new Error('Broken.'), { key: 'secret' }), at: new Date(0), n: 1 }),
    );
    expect(line).toMatchObject({ err: { message: 'Broken.' }, at: '1970-01-01T00:00:00.000Z', n: 1 });
    expect(JSON.stringify(line)).not.toContain('secret');
  });
});

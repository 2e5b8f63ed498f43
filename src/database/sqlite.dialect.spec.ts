import { describe, expect, it } from 'vitest';
import { openDatabase } from './sqlite.dialect.js';

describe('a SQLite connection', () => {
  it('prepares a statement with parameters once, however many others come in between', () => {
    const database = openDatabase(':memory:');
    const statement = database.prepare('select ? as one');
    for (let value = 0; value < 2_000; value++) database.prepare(`select ${value} as one`);
    expect(database.prepare('select ? as one')).toBe(statement);
    database.close();
  });
});

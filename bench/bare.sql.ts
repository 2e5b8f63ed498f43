// The database asked by hand, without any service: what a question costs at the least.
import Database from 'better-sqlite3';
import pg from 'pg';
import { median, round } from './report.ts';

const MS = 500;

/** The median of the times that some statements take together, asked again and again, in milliseconds; `?` are filled in. */
export async function bareSql(url: string, statements: [sql: string, values: unknown[]][]): Promise<number> {
  const { ask, close } = url.startsWith('sqlite:') ? onSqlite(url) : await onPostgres(url);
  const times: number[] = [];
  const began = performance.now();
  do {
    const start = performance.now();
    for (const [sql, values] of statements) await ask(sql, values);
    times.push(performance.now() - start);
  } while (performance.now() - began < MS);
  await close();
  return round(median(times));
}

interface Connection {
  ask(sql: string, values: unknown[]): unknown;
  close(): unknown;
}

function onSqlite(url: string): Connection {
  const database = new Database(url.slice('sqlite:'.length), { readonly: true });
  const prepared = new Map<string, Database.Statement>();
  const statementOf = (sql: string) => {
    const statement = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, statement);
    return statement;
  };
  return { ask: (sql, values) => statementOf(sql).all(...values), close: () => database.close() };
}

async function onPostgres(url: string): Promise<Connection> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const named = (sql: string) => {
    let number = 0;
    return sql.replaceAll('?', () => `$${++number}`);
  };
  return {
    ask: (sql, values) => client.query({ name: sql.slice(0, 60), text: named(sql), values }),
    close: () => client.end(),
  };
}

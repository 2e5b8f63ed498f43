// Opens a database, fills it and lets people in.
import { type Options, MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { dist, isSqlite } from './bulk.tables.ts';
import { addLogs } from './log.data.ts';
import { addPeople, KEYS } from './usage.data.ts';

export const PASSWORD = 'a password for benchmarks';
export const emailOf = (person: number) => `p${person}@example.org`;

interface Size {
  people: number;
  logs: number;
  /** Of each person. */
  keys?: number;
}

/** Adds people until there are so many, and log rows likewise. What is there already stays. */
export async function seed(url: string, { people, logs, keys = KEYS }: Size): Promise<void> {
  const { withoutHurry } = await dist<{ withoutHurry(work: () => Promise<void>): Promise<void> }>(
    'database/impatient-client.js',
  );
  await inDatabase(forFilling(url), (em) =>
    withoutHurry(async () => {
      if (isSqlite(em)) for (const pragma of HURRIED_SQLITE) await em.execute(`pragma ${pragma}`);
      await addPeople(em, people, keys);
      await addLogs(em, logs);
      // What PostgreSQL does by itself after a while; SQLite is as the service leaves it.
      if (!isSqlite(em)) await em.execute('vacuum analyze');
    }),
  );
}

/** A crash may spoil the file, which can be filled again; the service opens it with settings of its own. */
const HURRIED_SQLITE = ['journal_mode = memory', 'synchronous = off', 'cache_size = -1000000', 'foreign_keys = off'];

function forFilling(url: string): string {
  if (url.startsWith('sqlite:')) return url;
  const hurried = new URL(url);
  hurried.searchParams.set('options', '-c maintenance_work_mem=1GB -c work_mem=256MB -c synchronous_commit=off');
  return hurried.href;
}

/** Gives the first people the password above and a new token each; returns the tokens' texts. */
export async function letIn(url: string, people = 1): Promise<string[]> {
  const [{ fingerprint }, { newTokenText }, { hashPassword }] = await Promise.all([
    dist<{ fingerprint(text: string): string }>('shared/secrets/secret.js'),
    dist<{ newTokenText(): string }>('tokens/token-text.js'),
    dist<{ hashPassword(password: string): Promise<string> }>('auth/passwords/password.js'),
  ]);
  const texts = Array.from({ length: people }, newTokenText);
  const password = await hashPassword(PASSWORD);
  await inDatabase(url, async (em) => {
    await em.execute('update users set password_hash = ? where id <= ?', [password, people]);
    await em.execute('delete from api_tokens');
    for (const [index, text] of texts.entries()) {
      await em.execute('insert into api_tokens (user_id, name, token_hash, created_at) values (?, ?, ?, ?)', [
        index + 1,
        'bench',
        fingerprint(text),
        new Date(),
      ]);
    }
  });
  return texts;
}

/** With the newest tables. */
async function inDatabase(url: string, work: (em: SqlEntityManager) => Promise<void>): Promise<void> {
  const { databaseOptions } = await dist<{ databaseOptions(url: string): Options }>('database/mikro-orm.config.js');
  const orm = await MikroORM.init({ ...databaseOptions(url), allowGlobalContext: true });
  await (orm.migrator as Migrator).up();
  await work(orm.em as SqlEntityManager).finally(() => orm.close());
}

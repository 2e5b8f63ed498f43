import { MikroORM } from '@mikro-orm/core';
import { ApiKey } from '../../src/api-keys/api-key.entity.js';
import { User } from '../../src/auth/accounts/user.entity.js';
import { portableTables } from '../../src/cli/portable-table.js';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import { MikroRequestLogRepository } from '../../src/gateway/request-logs/request-log.repository.mikro.js';
import { AesCipher } from '../../src/shared/secrets/cipher.aes.js';
import { KeyHour } from '../../src/usage/books/key-hour.entity.js';
import { UsageDay } from '../../src/usage/usage.entity.js';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { loggedCall } from './logged-call.ts';

const BORN = new Date('2026-06-15T12:00:00.123Z');
const REQUESTED = [BORN, new Date('2026-06-14T23:59:59.999Z'), new Date('2026-06-15T00:00:00.000Z')];

/** Lets somebody look at a database without the service. */
export async function onDatabase<T>(url: string, look: (orm: MikroORM) => Promise<T>): Promise<T> {
  const orm = await MikroORM.init(databaseOptions(url));
  try {
    return await look(orm);
  } finally {
    await orm.close();
  }
}

/** Fills a database with a person whose keys are sealed and have usage, the first key listed by the last, and with requests. */
export function inhabit(url: string, encryptionKey: Buffer, keys: number): Promise<void> {
  const cipher = new AesCipher(encryptionKey);
  return onDatabase(url, (orm) =>
    orm.em.fork().transactional(async (em) => {
      const user = new User('Ada@example.org', 'ada@example.org', 'no password', BORN);
      await em.persist(user).flush();
      const owned = Array.from({ length: keys }, (_, index) => {
        const key = new ApiKey(user.id, `Schlüssel 🔑 ${index}`, 'standard', BORN);
        return Object.assign(key, { limit: 9_007_199_254_740_991n, usageTotal: BigInt(index), expiresAt: BORN });
      });
      await em.persist(owned).flush();
      owned[0]!.managedById = owned.at(-1)!.id;
      for (const key of owned) {
        const place = { table: 'api_keys', id: key.id, column: 'sealed_secret' };
        key.sealedSecret = cipher.seal(`sk-or-v1-${key.id}`, place);
        const day = new UsageDay(user.id, key.id, '2026-06-14', 'openai/gpt-4o');
        // More than a double holds; of all keys together it would be more than a database adds up.
        const cost = key === owned[0] ? 9_007_199_254_740_993n : 1n;
        em.persist(Object.assign(new KeyHour(key.id, '2026-06-14T10', 'openai/gpt-4o'), { requests: 1, cost: 1n }));
        em.persist(Object.assign(day, { requests: 3, tokensInput: 8_000_000_000, cost }));
      }
      await new MikroRequestLogRepository(em as SqlEntityManager).append(
        [...REQUESTED, ...REQUESTED].map((createdAt, index) => loggedCall({ createdAt, clientKeyId: index || null })),
      );
    }),
  );
}

/** Everything in a database, but for what the given tables hold, in the same order whatever the kind of database. */
export function contentOf(url: string, without: string[] = []): Promise<Record<string, unknown[]>> {
  return onDatabase(url, async (orm) => {
    const content: Record<string, unknown[]> = {};
    for (const table of portableTables(orm).filter(({ name }) => !without.includes(name))) {
      const rows: [text: string, row: unknown][] = [];
      for await (const row of table.rows(orm.em.fork() as SqlEntityManager)) rows.push([textOf(row), row]);
      content[table.name] = rows.toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row);
    }
    return content;
  });
}

function textOf(row: object): string {
  return JSON.stringify(Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

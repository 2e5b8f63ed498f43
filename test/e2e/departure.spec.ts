import { SqlEntityManager } from '@mikro-orm/sql';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hashPassword } from '../../src/auth/passwords/password.js';
import { FixedClock } from '../fakes/clock.fixed.ts';
import { PASSWORD } from '../support/accounts.ts';
import { newPerson } from '../support/people.ts';
import { DIALECTS } from '../support/services.ts';
import { UsageWorld } from '../support/usage-world.ts';

const ROUNDS = 4;
/** Everything that hangs on an account, directly or by one of its keys. */
const BELONGINGS = ['sessions', 'api_keys', 'api_tokens', 'notifications', 'usage_days', 'usage_months'];

describe.each(DIALECTS)('#75 an account that is deleted on %s', (dialect) => {
  let world: UsageWorld;
  beforeEach(async () => void (world = await UsageWorld.start(dialect, new FixedClock('2026-06-15T10:00:00Z'))));
  afterEach(() => world[Symbol.asyncDispose]());

  const em = () => world.get(SqlEntityManager).fork();

  it('goes with all it has, whatever is being done for it at that moment, and nobody sees an error', async () => {
    const passwordHash = await hashPassword(PASSWORD);
    for (let round = 0; round < ROUNDS; round++) {
      const person = await newPerson(world.app);
      await em().execute('update users set password_hash = ? where id = ?', [passwordHash, person.id]);
      const account = world.simulator.account();
      for (let key = 0; key < 3; key++) account.key().spend({ at: '2026-06-14T10:00:00Z', cost: '1' });
      const keyId = await world.register(person.id, account.managementKey());
      const call = (method: 'get' | 'post' | 'put' | 'delete', path: string) =>
        request(world.app.url)[method](path).set('Authorization', `Bearer ${person.jwt}`);
      const addKey = () =>
        call('post', '/api/keys').send({ name: 'A key', key: world.simulator.account().key().secret });
      const everything = [
        () => call('post', '/api/tokens').send({ name: 'A token' }),
        addKey,
        () => call('put', `/api/keys/${keyId}`).send({ name: 'Another name' }),
        () => call('post', `/api/keys/${keyId}/validate`),
        () => call('get', '/api/stats/dashboard'),
        () => call('post', '/api/notifications/read'),
      ];
      const others = everything.flatMap((one) => [one(), one()]);
      const synced = world.sync();
      const [gone, ...answers] = await Promise.all([
        call('delete', '/api/auth/me').send({ password: PASSWORD }),
        ...others,
      ]);
      await synced;
      expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
      expect(gone.status).toBe(204);
      for (const table of BELONGINGS) expect([table, await countOf(table, person.id)]).toEqual([table, 0]);
      expect(await em().execute('select * from usage_hours')).toEqual([]);
    }
    expect(world.app.logs.filter((line) => line.includes('"level":50'))).toEqual([]);
  });

  const countOf = async (table: string, userId: number): Promise<number> => {
    const [row] = await em().execute<{ count: number }[]>(`select count(*) as count from ${table} where user_id = ?`, [
      userId,
    ]);
    return Number(row!.count);
  };
});

import { MikroORM } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { User } from '../../src/auth/accounts/user.entity.js';
import { databaseOptions } from '../../src/database/mikro-orm.config.js';
import { fingerprint } from '../../src/shared/secrets/secret.js';
import { Token } from '../../src/tokens/token.entity.js';
import { MikroTokenRepository } from '../../src/tokens/token.repository.mikro.js';
import type { TokenRepository } from '../../src/tokens/token.repository.js';
import { MemoryTokenRepository } from '../fakes/token.repository.memory.ts';
import { newDatabase } from '../support/database.ts';
import { DIALECTS } from '../support/services.ts';

const [ADA, BOB] = [1, 2];
const at = (time: string) => new Date(`2026-06-15T${time}Z`);

/** A place for tokens, with users 1 and 2 in it. */
interface World extends AsyncDisposable {
  /** A fresh look at what is stored, as the next request has it. */
  tokens(): TokenRepository;
  deactivate(userId: number): Promise<void>;
}

async function memory(): Promise<World> {
  const tokens = new MemoryTokenRepository();
  return {
    tokens: () => tokens,
    deactivate: async (userId) => void tokens.deactivatedUsers.add(userId),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function database(dialect: 'sqlite' | 'postgres'): Promise<World> {
  const place = await newDatabase(dialect);
  const orm = await MikroORM.init(databaseOptions(place.url));
  for (const name of ['ada', 'bob']) {
    await orm.em
      .fork()
      .persist(new User(`${name}@example.org`, name, 'none', at('00:00:00.000')))
      .flush();
  }
  return {
    tokens: () => new MikroTokenRepository(orm.em.fork() as SqlEntityManager),
    deactivate: async (id) => void (await orm.em.fork().nativeUpdate(User, { id }, { isActive: false })),
    [Symbol.asyncDispose]: async () => {
      await orm.close();
      await place[Symbol.asyncDispose]();
    },
  };
}

const WORLDS = [['memory', memory] as const, ...DIALECTS.map((dialect) => [dialect, () => database(dialect)] as const)];

describe.each(WORLDS)('tokens in %s', (_name, newWorld) => {
  let world: World;
  beforeEach(async () => void (world = await newWorld()));
  afterEach(() => world[Symbol.asyncDispose]());

  async function add(userId: number, name: string, createdAt: Date, expiresAt: Date | null = null): Promise<number> {
    const tokens = world.tokens();
    const token = new Token(userId, name, fingerprint(name), createdAt, expiresAt);
    tokens.add(token);
    await tokens.flush();
    return token.id;
  }

  async function revoke(id: number): Promise<void> {
    const tokens = world.tokens();
    (await tokens.find(id))!.revoke(at('13:00:00.000'));
    await tokens.flush();
  }

  it('come back as they were stored, to the millisecond', async () => {
    const id = await add(ADA, 'grafana 😀', at('12:00:00.123'), at('12:00:00.124'));
    expect(await world.tokens().find(id)).toMatchObject({
      id,
      userId: ADA,
      name: 'grafana 😀',
      tokenHash: fingerprint('grafana 😀'),
      createdAt: at('12:00:00.123'),
      expiresAt: at('12:00:00.124'),
      revokedAt: null,
      lastUsedAt: null,
    });
    expect(await world.tokens().find(id + 1)).toBeNull();
  });

  it('are listed newest first, of one user, without the revoked ones or with them', async () => {
    await add(ADA, 'second', at('12:00:00.002'));
    await add(ADA, 'first', at('12:00:00.001'));
    await add(BOB, 'not hers', at('12:00:00.009'));
    await add(ADA, 'third, same time', at('12:00:00.002'));
    await revoke(2);
    const names = async (includeRevoked: boolean) =>
      (await world.tokens().listOf(ADA, includeRevoked)).map(({ name }) => name);
    expect(await names(false)).toEqual(['third, same time', 'second']);
    expect(await names(true)).toEqual(['third, same time', 'second', 'first']);
  });

  it('are counted while they are active: not revoked, and up to the instant they expire', async () => {
    await add(ADA, 'for ever', at('12:00:00.000'));
    await add(ADA, 'for a second', at('12:00:00.000'), at('12:00:01.000'));
    await add(ADA, 'revoked', at('12:00:00.000'));
    await add(BOB, 'not hers', at('12:00:00.000'));
    await revoke(3);
    expect(await world.tokens().countActive(ADA, at('12:00:00.999'))).toBe(2);
    expect(await world.tokens().countActive(ADA, at('12:00:01.000'))).toBe(1);
  });

  it('tell who stands behind a hash, unless the token is revoked or its owner deactivated', async () => {
    const id = await add(ADA, 'hers', at('12:00:00.000'), at('18:00:00.007'));
    const other = await add(BOB, 'his', at('12:00:00.000'));
    const bearer = (name: string) => world.tokens().findBearer(fingerprint(name));
    expect(await bearer('hers')).toEqual({ tokenId: id, userId: ADA, expiresAt: at('18:00:00.007') });
    expect(await bearer('his')).toEqual({ tokenId: other, userId: BOB, expiresAt: null });
    expect(await bearer('nobody’s')).toBeNull();
    await revoke(id);
    await world.deactivate(BOB);
    expect(await bearer('hers')).toBeNull();
    expect(await bearer('his')).toBeNull();
  });

  it('move the last use forward, never back, and do not mind tokens that are gone', async () => {
    const [one, other] = [await add(ADA, 'one', at('12:00:00.000')), await add(ADA, 'other', at('12:00:00.000'))];
    const uses = async () => [
      (await world.tokens().find(one))!.lastUsedAt,
      (await world.tokens().find(other))!.lastUsedAt,
    ];
    await world.tokens().recordUses(new Map([[one, at('12:00:05.000')]]));
    expect(await uses()).toEqual([at('12:00:05.000'), null]);
    const mixed = [
      [999, at('12:00:09.000')],
      [other, at('12:00:07.500')],
      [one, at('12:00:04.999')],
    ] as const;
    await world.tokens().recordUses(new Map(mixed));
    expect(await uses()).toEqual([at('12:00:05.000'), at('12:00:07.500')]);
    await world.tokens().recordUses(new Map([[one, at('12:00:05.001')]]));
    expect(await uses()).toEqual([at('12:00:05.001'), at('12:00:07.500')]);
  });
});

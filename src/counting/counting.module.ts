import { SqlEntityManager } from '@mikro-orm/sql';
import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../shared/time/clock.port.js';
import { Config } from '../shared/config.js';
import { CallCounters } from '../shared/limits/call-counters.port.js';
import { RateLimitStore } from '../shared/limits/rate-limit.port.js';
import { fingerprint } from '../shared/secrets/secret.js';
import { LOGGER } from '../shared/tokens.js';
import { MikroCallBooks } from './calls/call-books.mikro.js';
import { RedisCallBooks } from './calls/call-books.redis.js';
import { SwitchingCallBooks } from './calls/call-books.switching.js';
import { CallDesk } from './calls/call-counters.desk.js';
import { MemoryCallCounters } from './calls/call-counters.memory.js';
import { CountedRateLimits } from './counted-rate-limits.js';
import { RedisLink } from './redis-link.js';
import { RedisState } from './redis-state.port.js';
import { RedisSwitch } from './redis-switch.js';
import { SwitchingCounters } from './switching-counters.js';
import { MemoryWindowCounters } from './window-counters.memory.js';
import { MikroWindowCounters } from './window-counters.mikro.js';
import { WindowCounters } from './window-counters.port.js';
import { RedisWindowCounters } from './window-counters.redis.js';

/** Counts what is limited: in Redis if there is one, else in PostgreSQL; a process that has SQLite is alone and counts by itself. */
@Global()
@Module({
  providers: [
    { provide: RedisSwitch, inject: [Config, LOGGER], useFactory: switchFor },
    { provide: WindowCounters, inject: [Config, Clock, SqlEntityManager, RedisSwitch], useFactory: windowsFor },
    { provide: CallCounters, inject: [Config, Clock, SqlEntityManager, RedisSwitch], useFactory: callsFor },
    { provide: RateLimitStore, inject: [WindowCounters, Clock], useFactory: newRateLimits },
    { provide: RedisState, inject: [RedisSwitch], useFactory: stateOf },
  ],
  exports: [CallCounters, RateLimitStore, RedisState],
})
export class CountingModule implements OnApplicationShutdown {
  constructor(
    private readonly calls: CallCounters,
    private readonly redis: RedisState,
  ) {}

  /** The last calls leave before the way to where they are counted is closed. */
  async onApplicationShutdown(): Promise<void> {
    if (this.calls instanceof CallDesk) await this.calls.end();
    if (this.redis instanceof RedisSwitch) await this.redis.link.close();
  }
}

function switchFor(config: Config, logger: Logger): RedisSwitch | null {
  if (!config.REDIS_URL) return null;
  return new RedisSwitch(new RedisLink(config.REDIS_URL, prefixFor(config.DATABASE_URL)), logger);
}

/** Services with databases of different names may share a Redis. */
function prefixFor(databaseUrl: string): string {
  const name = databaseUrl.startsWith('sqlite:') ? databaseUrl : new URL(databaseUrl).pathname;
  return `openrouter-monitor:${fingerprint(name).slice(0, 12)}:`;
}

function windowsFor(config: Config, clock: Clock, em: SqlEntityManager, redis: RedisSwitch | null): WindowCounters {
  const seen = new MemoryWindowCounters(clock);
  const standIn = config.usesSqlite ? seen : new MikroWindowCounters(em, clock);
  return redis
    ? new SwitchingCounters({ redis: new RedisWindowCounters(redis.link, clock), standIn, seen }, redis)
    : standIn;
}

/** A process that has SQLite is alone even where it has Redis: its calls end with it. */
function callsFor(config: Config, clock: Clock, em: SqlEntityManager, redis: RedisSwitch | null): CallCounters {
  if (config.usesSqlite) return new MemoryCallCounters(clock);
  const standIn = new MikroCallBooks(em, clock);
  if (!redis) return new CallDesk(standIn, clock);
  const books = { redis: new RedisCallBooks(redis.link, clock), standIn };
  return new CallDesk(new SwitchingCallBooks(books, redis, clock), clock);
}

function newRateLimits(counters: WindowCounters, clock: Clock): RateLimitStore {
  return new CountedRateLimits(counters, clock);
}

function stateOf(redis: RedisSwitch | null): RedisState {
  return redis ?? { status: 'off' };
}

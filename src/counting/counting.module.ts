import { SqlEntityManager } from '@mikro-orm/sql';
import { Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../shared/time/clock.port.js';
import { Config } from '../shared/config.js';
import { RateLimitStore } from '../shared/limits/rate-limit.port.js';
import { fingerprint } from '../shared/secrets/secret.js';
import { LOGGER } from '../shared/tokens.js';
import { CountedRateLimits } from './counted-rate-limits.js';
import { RedisLink } from './redis-link.js';
import { RedisState } from './redis-state.port.js';
import { SwitchingCounters } from './switching-counters.js';
import { MemoryWindowCounters } from './window-counters.memory.js';
import { MikroWindowCounters } from './window-counters.mikro.js';
import { WindowCounters } from './window-counters.port.js';
import { RedisWindowCounters } from './window-counters.redis.js';

/** Counts what is limited: in Redis if there is one, else in PostgreSQL; a process that has SQLite is alone and counts by itself. */
@Global()
@Module({
  providers: [
    { provide: WindowCounters, inject: [Config, Clock, SqlEntityManager, LOGGER], useFactory: countersFor },
    { provide: RateLimitStore, inject: [WindowCounters, Clock], useFactory: newRateLimits },
    { provide: RedisState, inject: [WindowCounters], useFactory: stateOf },
  ],
  exports: [RateLimitStore, RedisState],
})
export class CountingModule {}

function countersFor(config: Config, clock: Clock, em: SqlEntityManager, logger: Logger): WindowCounters {
  const seen = new MemoryWindowCounters(clock);
  const standIn = config.usesSqlite ? seen : new MikroWindowCounters(em, clock);
  if (!config.REDIS_URL) return standIn;
  const link = new RedisLink(config.REDIS_URL, prefixFor(config.DATABASE_URL));
  return new SwitchingCounters({ redis: new RedisWindowCounters(link, clock), standIn, seen }, link, logger);
}

/** Services with databases of different names may share a Redis. */
function prefixFor(databaseUrl: string): string {
  const name = databaseUrl.startsWith('sqlite:') ? databaseUrl : new URL(databaseUrl).pathname;
  return `openrouter-monitor:${fingerprint(name).slice(0, 12)}:`;
}

function newRateLimits(counters: WindowCounters, clock: Clock): RateLimitStore {
  return new CountedRateLimits(counters, clock);
}

function stateOf(counters: WindowCounters): RedisState {
  return counters instanceof SwitchingCounters ? counters : { status: 'off' };
}

import { existsSync } from 'node:fs';

/** The PostgreSQL server that specs may make databases on; undefined where there is none. */
export const POSTGRES_URL = process.env.TEST_POSTGRES_URL || undefined;

/** The Redis server that specs may use; undefined where there is none. */
export const REDIS_URL = process.env.TEST_REDIS_URL || undefined;

/** The browser that specs drive; undefined where there is none. */
export const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));

/** The balancer and the pooler that specs put before the service; undefined where there is none. */
export const HAPROXY = ['/usr/sbin/haproxy'].find((path) => existsSync(path));
export const PGBOUNCER = ['/usr/sbin/pgbouncer'].find((path) => existsSync(path));

/** Which databases a spec runs on here. */
export const DIALECTS = POSTGRES_URL ? (['sqlite', 'postgres'] as const) : (['sqlite'] as const);
export type Dialect = 'sqlite' | 'postgres';

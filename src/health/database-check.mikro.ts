import { MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { type CheckResult, DatabaseCheck } from './database-check.port.js';

const PATIENCE_MS = 1_000;

@Injectable()
export class MikroDatabaseCheck extends DatabaseCheck {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly orm: MikroORM,
  ) {
    super();
  }

  connection(): Promise<CheckResult> {
    return inTime('The database does not answer.', async () => {
      await this.em.execute('select 1');
      return { status: 'up' };
    });
  }

  migrations(): Promise<CheckResult> {
    return inTime('The database does not answer.', async () => {
      const pending = await (this.orm.migrator as Migrator).getPending();
      return pending.length === 0 ? { status: 'up' } : { status: 'down', detail: 'The database needs migrating.' };
    });
  }
}

/** What goes wrong may name hosts and users, so only `detail` is told. */
async function inTime(detail: string, check: () => Promise<CheckResult>): Promise<CheckResult> {
  const down: CheckResult = { status: 'down', detail };
  const { promise, resolve } = Promise.withResolvers<CheckResult>();
  const limit = setTimeout(resolve, PATIENCE_MS, down);
  try {
    return await Promise.race([check(), promise]);
  } catch {
    return down;
  } finally {
    clearTimeout(limit);
  }
}

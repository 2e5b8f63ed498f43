import { MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { type CheckResult, DatabaseCheck } from './database-check.port.js';

const PATIENCE_MS = 1_000;
const UP: CheckResult = { status: 'up' };

@Injectable()
export class MikroDatabaseCheck extends DatabaseCheck {
  private connecting: Promise<CheckResult> | null = null;
  private comparing: Promise<CheckResult> | null = null;
  private isMigrated = false;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly orm: MikroORM,
  ) {
    super();
  }

  /** However many ask at once, the database is asked once. */
  connection(): Promise<CheckResult> {
    return (this.connecting ??= inTime('The database does not answer.', async () => {
      await this.em.execute('select 1');
      return UP;
    }).finally(() => (this.connecting = null)));
  }

  /** A schema that has been the newest once stays so for as long as this process lives. */
  async migrations(): Promise<CheckResult> {
    if (this.isMigrated) return UP;
    return (this.comparing ??= inTime('The database does not answer.', async () => {
      const pending = await (this.orm.migrator as Migrator).getPending();
      this.isMigrated = pending.length === 0;
      return this.isMigrated ? UP : { status: 'down', detail: 'The database needs migrating.' };
    }).finally(() => (this.comparing = null)));
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

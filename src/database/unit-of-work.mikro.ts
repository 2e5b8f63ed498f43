import { setImmediate as othersTurn, setTimeout as pause } from 'node:timers/promises';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { Overloaded } from '../shared/errors.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';
import { isSqlite } from './dialect.js';
import { unsynced } from './sqlite-sync.js';

/** How long a writer waits for another process to let go of a SQLite file. */
const PATIENCE_MS = 5_000;

/** A unit of work is one database transaction. */
@Injectable()
export class MikroUnitOfWork extends UnitOfWork {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  /** Starts from what is stored now: whoever read, then asked somebody, must not decide by what was read before. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const result = await whenNotBusy(() => this.em.transactional(work, { clear: true }));
    // SQLite never waits, so a long row of units would keep the process from everything else.
    await othersTurn();
    return result;
  }

  runUnsynced<T>(work: () => Promise<T>): Promise<T> {
    if (isSqlite(this.em)) return unsynced.run(true, () => this.run(work));
    return this.run(async () => {
      await this.em.execute('set local synchronous_commit = off');
      return work();
    });
  }

  runAlone<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.run(async () => {
      await this.lock(name);
      return work();
    });
  }

  /** SQLite has one writer at a time as it is; on PostgreSQL the lock ends with the transaction. */
  private async lock(name: string): Promise<void> {
    if (isSqlite(this.em)) return;
    await this.em.execute('select pg_advisory_xact_lock(hashtextextended(?, 0))', [name]);
  }
}

/** Tries again while another process holds the lock of a SQLite file; the transaction that failed has changed nothing. */
export async function whenNotBusy<T>(work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let wait = 5; ; wait = Math.min(wait * 2, 100)) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (Date.now() + wait > deadline) throw new Overloaded('The database is busy. Try again in a moment.');
      await pause(wait + Math.random() * wait);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY');
}

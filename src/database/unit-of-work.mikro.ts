import { setImmediate as othersTurn, setTimeout as pause } from 'node:timers/promises';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { Overloaded, OwnerGone } from '../shared/errors.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';
import { isSqlite } from './dialect.js';
import { unsynced } from './sqlite-sync.js';

/** How long a writer waits for another process to let go of a SQLite file. */
const PATIENCE_MS = 5_000;
/** How often a unit is tried that PostgreSQL ends because of others, and about how long it waits in between. */
const MOST_TRIES = 5;
const CONFLICT_MS = 20;
/** A foreign key that leads nowhere, to PostgreSQL and to SQLite. */
const ORPHANED = ['23503', 'SQLITE_CONSTRAINT_FOREIGNKEY'];

/** A unit of work is one database transaction. */
@Injectable()
export class MikroUnitOfWork extends UnitOfWork {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  /** Starts from what is stored now: whoever read, then asked somebody, must not decide by what was read before. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const result = await this.whenNotInConflict(() => whenNotBusy(() => this.em.transactional(work, { clear: true })));
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

  /**
   * PostgreSQL ends one of two transactions that wait for each other, and all it did is undone: it is done again, with
   * entities read anew. What was begun inside another transaction has ended that one too, which alone can begin again.
   */
  private async whenNotInConflict<T>(work: () => Promise<T>): Promise<T> {
    const isWhole = !this.em.isInTransaction();
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (isOrphaned(error)) throw new OwnerGone();
        if (!isWhole || !isConflict(error)) throw error;
        if (tries === MOST_TRIES) throw new Overloaded('Too much is being changed at once. Try again in a moment.');
        await pause(tries * CONFLICT_MS * (1 + Math.random()));
      }
    }
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

/**
 * A deadlock, or a transaction that cannot be put in line with others (SQLSTATE 40P01, 40001), or a row that was on its way
 * to one partition while another was made for it: a check (23514) without a name.
 */
function isConflict(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false;
  if (error.code === '23514') return !('constraint' in error && error.constraint);
  return error.code === '40P01' || error.code === '40001';
}

/** A row that would belong to one that is no more: removing it was faster. */
function isOrphaned(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ORPHANED.includes(String(error.code));
}

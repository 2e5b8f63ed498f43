import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { Clearance } from '../shared/clearance.port.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';

/** What of a key can be many rows, and by what a row of it is told from others; the rest goes with the key, by its foreign keys. */
const TABLES = {
  // Before the days: what is known by the hour is never more than what a day has.
  usage_hours: 'hour, model',
  usage_days: 'id',
  usage_months: 'id',
  counter_days: 'id',
  counter_snapshots: 'id',
};
/** So few that SQLite, triggers included, holds nobody up for longer than some milliseconds. */
const BATCH = 500;

/** Each batch is a unit of work of its own, in which the triggers take the rows out of their sums. */
@Injectable()
export class MikroClearance extends Clearance {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly unitOfWork: UnitOfWork,
  ) {
    super();
  }

  async retireKeysOf(userId: number, now: Date): Promise<void> {
    await this.em.execute(
      `update api_keys set removed_at = ?, sealed_secret = null, secret_hash = null, is_switched_on = false
       where user_id = ? and removed_at is null`,
      [this.em.getPlatform().processDateProperty(now), userId],
    );
  }

  async clearKey(apiKeyId: number, signal?: AbortSignal): Promise<void> {
    for (const [table, row] of Object.entries(TABLES)) {
      let areLeft = true;
      while (areLeft) {
        signal?.throwIfAborted();
        // Should the power fail, the rows are found again: nobody is told that they are gone before the key is.
        areLeft = await this.unitOfWork.runUnsynced(() => this.removeSome(table, row, apiKeyId));
      }
    }
  }

  async clearKeysOf(userId: number, signal?: AbortSignal): Promise<void> {
    const keys = await this.unitOfWork.run(() =>
      this.em.execute<{ id: number }[]>('select id from api_keys where user_id = ? order by id', [userId]),
    );
    for (const { id } of keys) await this.clearKey(id, signal);
  }

  /** Tells whether any are left: who clears the same key may have taken this batch, so that its size says nothing. */
  private async removeSome(table: string, row: string, apiKeyId: number): Promise<boolean> {
    await this.em.execute(
      `delete from ${table} where api_key_id = ? and (${row}) in (select ${row} from ${table} where api_key_id = ? limit ?)`,
      [apiKeyId, apiKeyId, BATCH],
      'run',
    );
    const left = await this.em.execute<object[]>(`select 1 from ${table} where api_key_id = ? limit 1`, [apiKeyId]);
    return left.length > 0;
  }
}

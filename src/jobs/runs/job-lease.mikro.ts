import { defineEntity, p } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { isSqlite } from '../../database/dialect.js';
import { Clock } from '../../shared/time/clock.port.js';
import { JobLeases, type Lease, LeaseLost } from './job-lease.port.js';

/** A job's row stays when the lease is given back, so that its fencing number only ever grows. */
export class JobLeaseRow {
  name!: string;
  owner!: string | null;
  fencing!: number;
  expiresAt!: Date;
}

export const JobLeaseTable = defineEntity({
  class: JobLeaseRow,
  tableName: 'job_leases',
  properties: {
    name: p.string().length(64).primary(),
    owner: p.string().length(64).nullable(),
    fencing: p.bigint('number'),
    expiresAt: p.datetime(3),
  },
});

const ACQUIRE = `
  insert into job_leases (name, owner, fencing, expires_at) values (?, ?, 1, ?)
  on conflict (name) do update
    set owner = excluded.owner, fencing = job_leases.fencing + 1, expires_at = excluded.expires_at
    where job_leases.owner is null or job_leases.expires_at <= ?
  returning fencing`;
const OURS = 'name = ? and owner = ? and fencing = ?';

@Injectable()
export class MikroJobLeases extends JobLeases {
  constructor(
    private readonly em: SqlEntityManager,
    private readonly clock: Clock,
  ) {
    super();
  }

  async acquire(job: string, owner: string, seconds: number): Promise<Lease | null> {
    const [row] = await this.em.execute<{ fencing: number | string }[]>(ACQUIRE, [
      job,
      owner,
      this.inSeconds(seconds),
      this.inSeconds(0),
    ]);
    return row ? { job, owner, fencing: Number(row.fencing) } : null;
  }

  renew(lease: Lease, seconds: number): Promise<boolean> {
    return this.update(lease, 'expires_at = ?', this.inSeconds(seconds));
  }

  async release(lease: Lease): Promise<void> {
    await this.update(lease, 'owner = null');
  }

  async hold(lease: Lease): Promise<void> {
    // SQLite has one writer at a time: inside a unit of work nobody else can write as it is.
    const lock = isSqlite(this.em) ? '' : 'for share';
    const rows = await this.em.execute(`select 1 from job_leases where ${OURS} ${lock}`, parametersOf(lease));
    if (rows.length === 0) throw new LeaseLost(lease.job);
  }

  async listHeld(): Promise<string[]> {
    const held = 'select name from job_leases where owner is not null and expires_at > ?';
    const rows = await this.em.execute<{ name: string }[]>(held, [this.inSeconds(0)]);
    return rows.map(({ name }) => name);
  }

  private async update(lease: Lease, change: string, ...values: unknown[]): Promise<boolean> {
    const update = `update job_leases set ${change} where ${OURS} returning name`;
    const rows = await this.em.execute<unknown[]>(update, [...values, ...parametersOf(lease)]);
    return rows.length > 0;
  }

  /** An instant as this database stores it. */
  private inSeconds(seconds: number): unknown {
    const instant = new Date(this.clock.now().getTime() + seconds * 1000);
    return this.em.getPlatform().processDateProperty(instant);
  }
}

function parametersOf({ job, owner, fencing }: Lease): unknown[] {
  return [job, owner, fencing];
}

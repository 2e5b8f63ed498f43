import { JobLeases, type Lease, LeaseLost } from '../../src/jobs/runs/job-lease.port.js';
import type { Clock } from '../../src/shared/time/clock.port.js';

/** Leases of one process. */
export class MemoryJobLeases extends JobLeases {
  private readonly rows = new Map<string, { owner: string | null; fencing: number; expiresAt: number }>();

  constructor(private readonly clock: Clock) {
    super();
  }

  async acquire(job: string, owner: string, seconds: number): Promise<Lease | null> {
    const row = this.rows.get(job);
    if (row?.owner && row.expiresAt > this.inSeconds(0)) return null;
    const fencing = (row?.fencing ?? 0) + 1;
    this.rows.set(job, { owner, fencing, expiresAt: this.inSeconds(seconds) });
    return { job, owner, fencing };
  }

  async renew(lease: Lease, seconds: number): Promise<boolean> {
    const row = this.ours(lease);
    if (row) row.expiresAt = this.inSeconds(seconds);
    return row !== undefined;
  }

  async release(lease: Lease): Promise<void> {
    const row = this.ours(lease);
    if (row) row.owner = null;
  }

  async hold(lease: Lease): Promise<void> {
    if (!this.ours(lease)) throw new LeaseLost(lease.job);
  }

  async listHeld(): Promise<string[]> {
    return [...this.rows].filter(([, row]) => row.owner && row.expiresAt > this.inSeconds(0)).map(([job]) => job);
  }

  private ours({ job, owner, fencing }: Lease) {
    const row = this.rows.get(job);
    return row?.owner === owner && row.fencing === fencing ? row : undefined;
  }

  private inSeconds(seconds: number): number {
    return this.clock.now().getTime() + seconds * 1000;
  }
}

import { Injectable } from '@nestjs/common';
import { JobWatch } from '../jobs/timing/job-watch.js';
import { Jobs } from '../jobs/job.js';
import { RedisState } from '../counting/redis-state.port.js';
import { type CheckResult, DatabaseCheck } from './database-check.port.js';

/** Whether the service can do its work: everything it needs is there. */
@Injectable()
export class Readiness {
  constructor(
    private readonly database: DatabaseCheck,
    private readonly jobs: Jobs,
    private readonly watch: JobWatch,
    private readonly redis: RedisState,
  ) {}

  async checks() {
    const [database, migrations] = await Promise.all([this.database.connection(), this.database.migrations()]);
    return { database, migrations, redis: this.counting(), jobs: this.scheduled() };
  }

  private counting(): CheckResult {
    const { status } = this.redis;
    return status === 'down' ? { status, detail: 'Redis is away. Limits are counted without it.' } : { status };
  }

  private scheduled(): CheckResult {
    if (!this.jobs.all.some(({ schedule }) => schedule.isOn)) return { status: 'off' };
    return this.watch.isBehind ? { status: 'down', detail: 'Scheduled jobs do not begin on time.' } : { status: 'up' };
  }
}

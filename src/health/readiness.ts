import { Injectable } from '@nestjs/common';
import { type CheckResult, DatabaseCheck } from './database-check.port.js';

/** Whether the service can do its work: everything it needs is there. */
@Injectable()
export class Readiness {
  constructor(private readonly database: DatabaseCheck) {}

  async checks() {
    const [database, migrations] = await Promise.all([this.database.connection(), this.database.migrations()]);
    // Nothing is kept in Redis yet.
    const redis: CheckResult = { status: 'off' };
    return { database, migrations, redis };
  }
}

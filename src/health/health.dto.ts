import { ApiProperty } from '@nestjs/swagger';

/** The process lives. */
export class Health {
  /** Always `ok`: a process that does not live does not answer. @example "ok" */
  status!: 'ok';
}

/** Whether one thing that the service needs is there. */
export class Check {
  /** `off`: the service is set up to do without it. @example "up" */
  @ApiProperty({ enum: ['up', 'down', 'off'] })
  status!: 'up' | 'down' | 'off';

  /** What is wrong. @example "The database does not answer." */
  detail?: string;
}

/** Everything that the service needs. */
export class Checks {
  /** Whether the database answers. */
  database!: Check;

  /** Whether the database has the newest schema. */
  migrations!: Check;

  /** Whether Redis answers. While it is down, the service is up all the same. */
  redis!: Check;

  /** Whether scheduled jobs begin on time. */
  jobs!: Check;
}

/** Whether the service can do its work. */
export class ReadinessReport {
  /** `up` if nothing is down that it cannot do without, and it is not about to stop. @example "up" */
  @ApiProperty({ enum: ['up', 'down'] })
  status!: 'up' | 'down';

  /** What it needs, one by one. */
  checks!: Checks;

  static of(checks: Checks, isAboutToStop: boolean): ReadinessReport {
    const { redis: _, ...needed } = checks;
    const isDown = Object.values(needed).some(({ status }: Check) => status === 'down');
    return { status: isDown || isAboutToStop ? 'down' : 'up', checks };
  }
}

import { Module } from '@nestjs/common';
import { GatewayModule } from '../gateway/gateway.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { MikroDatabaseCheck } from './database-check.mikro.js';
import { DatabaseCheck } from './database-check.port.js';
import { Departure } from './departure.js';
import { HealthController } from './health.controller.js';
import { Metrics } from './metrics.js';
import { Readiness } from './readiness.js';

/** Tells machines whether the service lives and can work. */
@Module({
  imports: [GatewayModule, JobsModule],
  controllers: [HealthController],
  providers: [Departure, Metrics, Readiness, { provide: DatabaseCheck, useClass: MikroDatabaseCheck }],
})
export class HealthModule {}

import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { DashboardController } from './dashboard.controller.js';
import { UsageController } from './usage.controller.js';
import { MikroUsageReports } from './usage.reports.mikro.js';
import { UsageReports } from './usage.reports.js';

/** What was used of which model through which key, and what it cost. */
@Module({
  imports: [ApiKeysModule],
  controllers: [DashboardController, UsageController],
  providers: [{ provide: UsageReports, useClass: MikroUsageReports }],
  exports: [UsageReports],
})
export class UsageModule {}

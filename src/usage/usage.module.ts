import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { BookActivity } from './book-activity.use-case.js';
import { BookReading } from './book-reading.use-case.js';
import { Bookkeeping } from './bookkeeping.js';
import { DashboardController } from './dashboard.controller.js';
import { UsageController } from './usage.controller.js';
import { MikroUsageReports } from './usage.reports.mikro.js';
import { UsageReports } from './usage.reports.js';
import { MikroUsageRepository } from './usage.repository.mikro.js';
import { UsageRepository } from './usage.repository.js';

/** What was used of which model through which key, and what it cost. */
@Module({
  imports: [ApiKeysModule],
  controllers: [DashboardController, UsageController],
  providers: [
    BookActivity,
    BookReading,
    Bookkeeping,
    { provide: UsageReports, useClass: MikroUsageReports },
    { provide: UsageRepository, useClass: MikroUsageRepository },
  ],
  exports: [UsageReports],
})
export class UsageModule {}

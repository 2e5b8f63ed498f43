import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { OpenRouterModule } from '../open-router/open-router.module.js';
import { AskKey } from './ask-key.use-case.js';
import { BookActivity } from './book-activity.use-case.js';
import { BookReading } from './book-reading.use-case.js';
import { Bookkeeping } from './bookkeeping.js';
import { DashboardController } from './dashboard.controller.js';
import { FoldOldUsage } from './fold-old-usage.use-case.js';
import { LinkAccountKeys } from './link-account-keys.use-case.js';
import { PatientOpenRouter } from './patient-open-router.js';
import { RecordBalance } from './record-balance.use-case.js';
import { SyncAccount } from './sync-account.use-case.js';
import { SyncActivity } from './sync-activity.use-case.js';
import { SyncKey } from './sync-key.use-case.js';
import { SyncMishaps } from './sync-mishaps.js';
import { SyncUsage } from './sync-usage.use-case.js';
import { UsageController } from './usage.controller.js';
import { MikroUsageReports } from './usage.reports.mikro.js';
import { UsageReports } from './usage.reports.js';
import { MikroUsageRepository } from './usage.repository.mikro.js';
import { UsageRepository } from './usage.repository.js';

/** What was used of which model through which key, and what it cost. */
@Module({
  imports: [ApiKeysModule, OpenRouterModule],
  controllers: [DashboardController, UsageController],
  providers: [
    AskKey,
    BookActivity,
    BookReading,
    Bookkeeping,
    FoldOldUsage,
    LinkAccountKeys,
    PatientOpenRouter,
    RecordBalance,
    SyncAccount,
    SyncActivity,
    SyncKey,
    SyncMishaps,
    SyncUsage,
    { provide: UsageReports, useClass: MikroUsageReports },
    { provide: UsageRepository, useClass: MikroUsageRepository },
  ],
  exports: [FoldOldUsage, SyncKey, SyncUsage, UsageReports],
})
export class UsageModule {}

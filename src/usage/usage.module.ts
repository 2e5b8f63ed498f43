import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { OpenRouterModule } from '../open-router/open-router.module.js';
import { AskKey } from './syncing/ask-key.use-case.js';
import { BookActivity } from './books/book-activity.use-case.js';
import { BookHours } from './books/book-hours.use-case.js';
import { BookReading } from './books/book-reading.use-case.js';
import { Bookkeeping } from './books/bookkeeping.js';
import { DashboardController } from './reading/dashboard.controller.js';
import { FoldOldUsage } from './books/fold-old-usage.use-case.js';
import { HourlyBooks } from './books/hourly-books.js';
import { LinkAccountKeys } from './syncing/link-account-keys.use-case.js';
import { PatientOpenRouter } from './syncing/patient-open-router.js';
import { RecordBalance } from './syncing/record-balance.use-case.js';
import { SyncAccount } from './syncing/sync-account.use-case.js';
import { SyncAccountUsage } from './syncing/sync-account-usage.use-case.js';
import { SyncActivity } from './syncing/sync-activity.use-case.js';
import { SyncHours } from './syncing/sync-hours.use-case.js';
import { SyncKey } from './syncing/sync-key.use-case.js';
import { SyncMishaps } from './syncing/sync-mishaps.js';
import { SyncUsage } from './syncing/sync-usage.use-case.js';
import { MikroHoursReports } from './reading/hours.reports.mikro.js';
import { HoursReports } from './reading/hours.reports.js';
import { MikroMeteredSpend } from './reading/metered-spend.reports.mikro.js';
import { MeteredSpend } from './reading/metered-spend.reports.js';
import { UsageExport } from './reading/usage-export.js';
import { UsageController } from './reading/usage.controller.js';
import { MikroUsageReports } from './reading/usage.reports.mikro.js';
import { UsageReports } from './reading/usage.reports.js';
import { MikroUsageRepository } from './usage.repository.mikro.js';
import { UsageRepository } from './usage.repository.js';

/** What was used of which model through which key, and what it cost. */
@Module({
  imports: [ApiKeysModule, OpenRouterModule],
  controllers: [DashboardController, UsageController],
  providers: [
    AskKey,
    BookActivity,
    BookHours,
    BookReading,
    Bookkeeping,
    FoldOldUsage,
    HourlyBooks,
    LinkAccountKeys,
    PatientOpenRouter,
    RecordBalance,
    SyncAccount,
    SyncAccountUsage,
    SyncActivity,
    SyncHours,
    SyncKey,
    SyncMishaps,
    SyncUsage,
    UsageExport,
    { provide: HoursReports, useClass: MikroHoursReports },
    { provide: MeteredSpend, useClass: MikroMeteredSpend },
    { provide: UsageReports, useClass: MikroUsageReports },
    { provide: UsageRepository, useClass: MikroUsageRepository },
  ],
  exports: [FoldOldUsage, SyncKey, SyncUsage, HoursReports, MeteredSpend, UsageExport, UsageReports],
})
export class UsageModule {}

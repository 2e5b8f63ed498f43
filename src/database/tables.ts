import { ApiKeyTable } from '../api-keys/api-key.repository.mikro.js';
import { AuditEntryTable, AuditHeadTable } from '../audit/audit.tables.mikro.js';
import { SessionTable } from '../auth/sessions/session.repository.mikro.js';
import { UserTable } from '../auth/accounts/user.repository.mikro.js';
import { ClientKeyTable } from '../gateway/client-keys/client-key.repository.mikro.js';
import { GatewayChangesTable } from '../gateway/directories/gateway-state.reports.mikro.js';
import { BudgetTable, ReservationTable } from '../gateway/limits/budget.tables.mikro.js';
import { ModelPriceTable } from '../gateway/prices/model-price.repository.mikro.js';
import { LogCountTable } from '../gateway/request-logs/counts/log-counts.mikro.js';
import { OpenCallsTable } from '../gateway/request-logs/losses/open-calls.repository.mikro.js';
import { RequestLogTable, SpendDayTable, UsageHourTable } from '../gateway/request-logs/request-log.tables.mikro.js';
import { UpstreamTable } from '../gateway/upstreams/upstream.repository.mikro.js';
import { JobLeaseTable } from '../jobs/runs/job-lease.mikro.js';
import { JobRunTable } from '../jobs/runs/job-run.repository.mikro.js';
import { NotificationTable } from '../notifications/notification.repository.mikro.js';
import { CallCountsTable } from '../counting/calls/call-counts.tables.mikro.js';
import { RateLimitTable } from '../counting/rate-limits.tables.mikro.js';
import { TokenTable } from '../tokens/token.repository.mikro.js';
import {
  CounterDayTable,
  CounterSnapshotTable,
  KeyHourTable,
  KeyMeterTable,
  UsageDayTable,
  UsageMonthTable,
} from '../usage/usage.tables.mikro.js';
import { DaySumTable, KeyDaySumTable, KeySumTable, ModelDaySumTable } from '../usage/usage-sums.tables.mikro.js';
import { EncryptionCheckTable } from './encryption-check.js';

/** Every table of the service. A module that stores something adds its tables here. */
export const tables = [
  EncryptionCheckTable,
  AuditEntryTable,
  AuditHeadTable,
  UserTable,
  SessionTable,
  ApiKeyTable,
  TokenTable,
  NotificationTable,
  UsageDayTable,
  UsageMonthTable,
  DaySumTable,
  ModelDaySumTable,
  KeyDaySumTable,
  KeySumTable,
  KeyMeterTable,
  CounterDayTable,
  CounterSnapshotTable,
  KeyHourTable,
  JobLeaseTable,
  JobRunTable,
  UpstreamTable,
  ClientKeyTable,
  GatewayChangesTable,
  RequestLogTable,
  LogCountTable,
  UsageHourTable,
  SpendDayTable,
  BudgetTable,
  ReservationTable,
  OpenCallsTable,
  ModelPriceTable,
  RateLimitTable,
  CallCountsTable,
] as const;

import type { SqlEntityManager } from '@mikro-orm/sql';
import { type NewLoggedCall, spendDaysOf } from './call-record.js';
import type { UsageHour } from './logged-call.entity.js';
import { ManyRows, type Value } from './many-rows.mikro.js';
import type { KeyTotals } from './request-log.repository.js';

/** A reader for each column rather than the field's name: every call of the gateway goes through here. */
const LOG_COLUMNS: [column: string, read: (call: NewLoggedCall) => Value][] = [
  ['client_key_id', (call) => call.clientKeyId],
  ['upstream_id', (call) => call.upstreamId],
  ['method', (call) => call.method],
  ['path', (call) => call.path],
  ['model', (call) => call.model],
  ['prompt_tokens', (call) => call.promptTokens],
  ['completion_tokens', (call) => call.completionTokens],
  ['total_tokens', (call) => call.totalTokens],
  ['cached_tokens', (call) => call.cachedTokens],
  ['reasoning_tokens', (call) => call.reasoningTokens],
  ['cost_nanos', (call) => call.cost],
  ['byok_cost_nanos', (call) => call.byokCost],
  ['settlement', (call) => call.settlement],
  ['generation_id', (call) => call.generationId],
  ['status_code', (call) => call.statusCode],
  ['duration_ms', (call) => call.durationMs],
  ['ttft_ms', (call) => call.ttftMs],
  ['is_stream', (call) => call.isStream],
  ['error_message', (call) => call.errorMessage],
  ['created_at', (call) => call.createdAt],
  ['settle_at', (call) => call.settleAt],
  ['settle_tries', (call) => call.settleTries],
  ['booked_nanos', (call) => call.booked],
  ['booked_period', (call) => call.bookedPeriod],
  ['booked_on', (call) => call.bookedOn],
];

const HOUR_FIGURES: [column: string, field: keyof KeyTotals | 'failed'][] = [
  ['requests', 'requests'],
  ['failed', 'failed'],
  ['prompt_tokens', 'promptTokens'],
  ['completion_tokens', 'completionTokens'],
  ['cached_tokens', 'cachedTokens'],
  ['reasoning_tokens', 'reasoningTokens'],
  ['cost_nanos', 'cost'],
  ['byok_cost_nanos', 'byokCost'],
  ['unsettled', 'unsettled'],
];

const LOGS = ManyRows.into(
  'request_logs',
  LOG_COLUMNS.map(([column]) => column),
);
const HOURS = ManyRows.into(
  'gateway_usage_hours',
  ['hour', 'client_key_id', 'upstream_id', 'model', ...HOUR_FIGURES.map(([column]) => column)],
  `on conflict (client_key_id, hour, upstream_id, model) do update set ${HOUR_FIGURES.map(
    ([column]) => `${column} = gateway_usage_hours.${column} + excluded.${column}`,
  ).join(', ')}`,
);
const SPEND_DAYS = ManyRows.into(
  'gateway_spend_days',
  ['upstream_id', 'date', 'cost_nanos'],
  `on conflict (upstream_id, date) do update set
   cost_nanos = gateway_spend_days.cost_nanos + excluded.cost_nanos`,
);
/** What the hours of a key add up to; whole numbers travel as text. */
export const HOUR_TOTALS = HOUR_FIGURES.map(
  ([column]) => `cast(coalesce(sum(${column}), 0) as text) as ${column}`,
).join(', ');

export function insertCalls(em: SqlEntityManager, calls: readonly NewLoggedCall[]): Promise<void> {
  return LOGS.write(
    em,
    calls.map((call) => LOG_COLUMNS.map(([, read]) => read(call))),
  );
}

/** Adds to hours, and to the days that they belong to. */
export async function insertHours(em: SqlEntityManager, hours: readonly UsageHour[]): Promise<void> {
  const rows = hours.map((hour) => [
    hour.hour,
    hour.clientKeyId,
    hour.upstreamId,
    hour.model,
    ...HOUR_FIGURES.map(([, field]) => hour[field]),
  ]);
  await HOURS.write(em, rows);
  const days = spendDaysOf(hours).map(({ upstreamId, date, cost }) => [upstreamId, date, cost]);
  await SPEND_DAYS.write(em, days);
}

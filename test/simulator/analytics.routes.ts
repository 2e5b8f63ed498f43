import type { SimulatedAccount, Spending } from './account.ts';
import { DAY_MS, dayOf, windowStart } from './calendar.ts';
import { permaslugOf } from './catalogue.ts';
import { type Nanos, usd } from './money.ts';
import { type Answer, type Call, managementOnly, Refusal } from './world.ts';

const MOST_ROWS = 10_000;
const USUAL_ROWS = 1000;
const MINUTE_MS = 60_000;
const GRANULARITIES = ['minute', 'hour', 'day', 'week', 'month'];
const OPERATORS = ['eq', 'neq', 'in', 'not_in', 'gt', 'gte', 'lt', 'lte'];

type Measure = (spendings: Spending[]) => unknown;

const count =
  (of: (spending: Spending) => number): Measure =>
  (spendings) =>
    String(spendings.reduce((sum, spending) => sum + of(spending), 0));
const money =
  (of: (spending: Spending) => Nanos): Measure =>
  (spendings) =>
    usd(spendings.reduce((sum, spending) => sum + of(spending), 0n));
const unused: Measure = () => null;

/** Counts come as texts, money as numbers, what was never used as null. */
const METRICS: Record<string, Measure> = {
  request_count: count(({ requests }) => requests),
  tokens_total: count(({ promptTokens, completionTokens }) => promptTokens + completionTokens),
  tokens_prompt: count(({ promptTokens }) => promptTokens),
  tokens_completion: count(({ completionTokens }) => completionTokens),
  reasoning_tokens: count(({ reasoningTokens }) => reasoningTokens),
  cached_tokens: count(({ cachedTokens }) => cachedTokens),
  byok_request_count: count(({ byokCost, requests }) => (byokCost === 0n ? 0 : requests)),
  total_usage: money(({ cost, byokCost }) => cost + byokCost),
  credits_usage: money(({ cost }) => cost),
  openrouter_usage: money(({ cost, byokCost }) => (byokCost === 0n ? cost : 0n)),
  byok_usage: money(({ byokCost }) => byokCost),
  byok_fees: money(({ cost, byokCost }) => (byokCost === 0n ? 0n : cost)),
  usage_upstream: unused,
  usage_cache: unused,
  usage_data: unused,
  usage_web: unused,
  usage_file: unused,
  cache_hit_rate: (spendings) => {
    const sum = (name: 'cachedTokens' | 'promptTokens') => spendings.reduce((all, one) => all + one[name], 0);
    return sum('promptTokens') === 0 ? 0 : sum('cachedTokens') / sum('promptTokens');
  },
};

/** What rows show; a key is shown by its name. */
const DIMENSIONS: Record<string, (spending: Spending) => string> = {
  model: ({ model }) => permaslugOf(model),
  variant: ({ model }) => (model.endsWith(':free') ? 'free' : 'standard'),
  api_key_id: ({ key }) => key.name,
  user: ({ key }) => key.account.userId,
  workspace: ({ key }) => key.workspace.name,
  provider: ({ provider }) => provider,
};

/** What filters compare with; a key is named by its hash or its number, a workspace by its id. */
const FILTERS: Record<string, (spending: Spending) => string[]> = {
  ...Object.fromEntries(Object.entries(DIMENSIONS).map(([name, of]) => [name, (spending) => [of(spending)]])),
  api_key_id: ({ key }) => [key.hash, String(key.id)],
  workspace: ({ key }) => [key.workspace.id],
};

interface Question {
  metrics: string[];
  dimensions: string[];
  granularity: string | undefined;
  filters: { field: string; operator: string; values: string[] }[];
  start: number;
  end: number;
  limit: number;
  orderBy: { field: string; direction: string } | undefined;
}

export function describeAnalytics(call: Call): Answer {
  managementOnly(call);
  const titled = (name: string) => ({ name, display_label: name.replaceAll('_', ' ') });
  const metric = (name: string) => ({
    ...titled(name),
    is_rate: name.endsWith('_rate'),
    display_format: name.endsWith('_rate') ? 'percent' : /usage|fees/.test(name) ? 'currency' : 'number',
  });
  const operator = (name: string) => ({ name, value_type: name.endsWith('in') ? 'array' : 'scalar' });
  return {
    body: {
      data: {
        metrics: Object.keys(METRICS).map(metric),
        dimensions: Object.keys(DIMENSIONS).map(titled),
        operators: OPERATORS.map(operator),
        granularities: GRANULARITIES.map(titled),
      },
    },
  };
}

export function queryAnalytics(call: Call): Answer {
  const account = managementOnly(call);
  const { world } = call;
  limitRate(call);
  const question = read(call.body, world.now());
  const bucket = bucketOf(question);
  const groups = Map.groupBy(matching(account, question), (spending) =>
    [bucket?.of(spending) ?? '', ...question.dimensions.map((name) => DIMENSIONS[name]!(spending))].join('\n'),
  );
  const rows = [...groups.values()].map((spendings) => ({
    ...(bucket ? { [bucket.name]: bucket.of(spendings[0]!) } : {}),
    ...Object.fromEntries(question.dimensions.map((name) => [name, DIMENSIONS[name]!(spendings[0]!)])),
    ...Object.fromEntries(question.metrics.map((name) => [name, METRICS[name]!(spendings)])),
  }));
  const most = Math.min(question.limit, world.behaviour.analyticsMaxRows);
  const data = sorted(rows, question.orderBy).slice(0, most);
  const warnings = unknownKeys(account, question);
  return {
    body: {
      data: {
        data,
        metadata: { query_time_ms: 12, row_count: data.length, truncated: rows.length > most },
        cachedAt: world.now().getTime(),
        ...(warnings.length > 0 ? { warnings } : {}),
      },
    },
  };
}

function limitRate({ world }: Call): void {
  const now = world.now().getTime();
  const recent = world.analyticsCalls.filter((at) => at > now - MINUTE_MS);
  if (recent.length >= world.behaviour.analyticsPerMinute) {
    const wait = Math.ceil((recent[0]! + MINUTE_MS - now) / 1000);
    throw new Refusal(429, 'Rate limit exceeded', undefined, { 'retry-after': String(wait) });
  }
  world.analyticsCalls.splice(0, world.analyticsCalls.length, ...recent, now);
}

function read(body: Record<string, unknown>, now: Date): Question {
  const metrics = namesFrom(body.metrics, 'metrics', Object.keys(METRICS));
  if (metrics.length === 0) throw new Refusal(400, '[{"code":"too_small","path":["metrics"],"minimum":1}]');
  const dimensions = namesFrom(body.dimensions ?? [], 'dimensions', Object.keys(DIMENSIONS));
  if (dimensions.length > 2) throw new Refusal(400, '[{"code":"too_big","path":["dimensions"],"maximum":2}]');
  const granularity = body.granularity as string | undefined;
  if (granularity !== undefined && !GRANULARITIES.includes(granularity)) throw new Refusal(400, 'Invalid granularity');
  const range = (body.time_range ?? {}) as { start?: string; end?: string };
  const end = range.end === undefined ? now.getTime() + 1 : Date.parse(range.end);
  const start = range.start === undefined ? end - 7 * DAY_MS : Date.parse(range.start);
  if (Number.isNaN(start) || Number.isNaN(end) || start >= end) throw new Refusal(400, 'Invalid time_range');
  if (end - start > 366 * DAY_MS) throw new Refusal(400, 'time_range must not exceed 365 days');
  const limit = Number(body.limit ?? USUAL_ROWS);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS) throw new Refusal(400, 'Invalid limit');
  return {
    metrics,
    dimensions,
    granularity,
    filters: filtersFrom(body.filters ?? []),
    start,
    end,
    limit,
    orderBy: body.order_by as Question['orderBy'],
  };
}

function namesFrom(value: unknown, field: string, known: string[]): string[] {
  const names = Array.isArray(value) ? value.map(String) : [];
  const unknown = names.find((name) => !known.includes(name));
  if (!Array.isArray(value) || unknown !== undefined)
    throw new Refusal(400, `Invalid ${field}: ${unknown ?? 'no list'}`);
  return names;
}

function filtersFrom(value: unknown): Question['filters'] {
  if (!Array.isArray(value) || value.length > 20) throw new Refusal(400, 'Invalid filters');
  return value.map(({ field, operator, value: wanted }: { field: string; operator: string; value: unknown }) => {
    if (!FILTERS[field] || !OPERATORS.includes(operator)) throw new Refusal(400, `Invalid filter on ${field}`);
    return { field, operator, values: (Array.isArray(wanted) ? wanted : [wanted]).map(String) };
  });
}

function matching(account: SimulatedAccount, { start, end, filters }: Question): Spending[] {
  return account
    .past()
    .filter(({ at }) => at >= start && at < end)
    .filter((spending) => filters.every((filter) => passes(spending, filter)));
}

function passes(spending: Spending, { field, operator, values }: Question['filters'][number]): boolean {
  const found = FILTERS[field]!(spending);
  const isOneOf = found.some((value) => values.includes(value));
  if (operator === 'eq' || operator === 'in') return isOneOf;
  if (operator === 'neq' || operator === 'not_in') return !isOneOf;
  const [value, wanted] = [found[0]!, values[0]!];
  if (operator === 'gt') return value > wanted;
  if (operator === 'gte') return value >= wanted;
  return operator === 'lt' ? value < wanted : value <= wanted;
}

/** Days and longer come as bare dates, shorter ones as instants, under a name that tells the source. */
function bucketOf({ granularity }: Question): { name: string; of: (spending: Spending) => string } | null {
  if (granularity === undefined) return null;
  const windows = { day: 'daily', week: 'weekly', month: 'monthly' } as const;
  const window = windows[granularity as keyof typeof windows];
  if (window) return { name: `date__${granularity}`, of: ({ at }) => dayOf(windowStart(window, new Date(at))) };
  const step = granularity === 'hour' ? 60 * MINUTE_MS : MINUTE_MS;
  const start = (at: number) => new Date(at - (at % step)).toISOString();
  return { name: `created_at__${granularity}`, of: ({ at }) => start(at) };
}

function sorted(rows: Record<string, unknown>[], orderBy: Question['orderBy']): Record<string, unknown>[] {
  if (!orderBy) return rows;
  const sign = orderBy.direction === 'asc' ? 1 : -1;
  const value = (row: Record<string, unknown>) => Number(JSON.stringify(row[orderBy.field] ?? 0).replaceAll('"', ''));
  return rows.toSorted((a, b) => sign * (value(a) - value(b)));
}

function unknownKeys(account: SimulatedAccount, { filters }: Question): string[] {
  const known = account.keys.flatMap((key) => [key.hash, String(key.id)]);
  return filters
    .filter(({ field }) => field === 'api_key_id')
    .flatMap(({ values }) => values)
    .filter((value) => !known.includes(value))
    .map((value) => `Could not resolve api_key_id hash: ${value}`);
}

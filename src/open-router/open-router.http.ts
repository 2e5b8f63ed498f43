import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { Clock } from '../shared/time/clock.port.js';
import { Config } from '../shared/config.js';
import type { Hour } from '../shared/time/hour.js';
import { addDays, type Day, startOf } from '../shared/time/period.js';
import { LOGGER } from '../shared/tokens.js';
import { Exchange, type Question } from './exchange.js';
import { HourlyAnalytics } from './hourly-analytics.js';
import { failureOf, isSendable, keyAnswerOf, UNSENDABLE } from './key-answer.js';
import type { HourlyAnswer } from './key-group.js';
import { AccountKeyReading } from './key.wire.js';
import { ModelNames } from './model-names.js';
import { OfferedModelReading } from './model-offers.wire.js';
import type { OfferedModel } from './offered-model.js';
import { sumByHour, sumByModel } from './model-usage.js';
import {
  type AccountKey,
  type Credits,
  type KeyAnswer,
  type KeyHours,
  type KeyListing,
  type ModelUsage,
  OpenRouter,
  OpenRouterDenied,
  OpenRouterUnavailable,
  type WantedHours,
} from './open-router.port.js';
import { CreditsReading, ListAnswer, type ReadRows, readRows, WorkspaceReading } from './open-router.wire.js';
import {
  ActivityReading,
  AnalyticsAnswer,
  AnalyticsReading,
  HourReading,
  KeyNameReading,
  METRICS,
} from './usage.wire.js';

const PAGE = 100;
const MOST_PAGES = 100;
const MOST_ROWS = 10_000;

/** A question that needs a key. */
type OwnQuestion = Question & { secret: string };

interface Workspaces {
  queries: { workspace_id?: string }[];
  isComplete: boolean;
}

/** OpenRouter over HTTP, read leniently: what it adds or leaves out does not disturb what it still tells. */
@Injectable()
export class HttpOpenRouter extends OpenRouter implements OnApplicationShutdown {
  private readonly exchange: Exchange;
  private readonly modelNames: ModelNames;

  constructor(
    config: Config,
    clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super();
    const now = () => clock.now();
    this.exchange = new Exchange(config.OPENROUTER_BASE_URL, config.OPENROUTER_TIMEOUT_MS, now);
    this.modelNames = new ModelNames(this.exchange, now);
  }

  onApplicationShutdown(): Promise<void> {
    return this.exchange.close();
  }

  async describeKey(secret: string, signal?: AbortSignal): Promise<KeyAnswer> {
    if (!isSendable(secret)) return UNSENDABLE;
    try {
      return keyAnswerOf(await this.exchange.ask({ path: '/key', secret, signal }));
    } catch (error) {
      if (!(error instanceof OpenRouterUnavailable)) throw error;
      return { outcome: 'unreachable', detail: error.message, retryAfterSeconds: error.retryAfterSeconds };
    }
  }

  async models(signal?: AbortSignal): Promise<OfferedModel[]> {
    const reply = await this.exchange.ask({
      path: '/models',
      secret: null,
      query: { output_modalities: 'all' },
      signal,
    });
    const list = reply.status === 200 ? ListAnswer.safeParse(reply.body) : null;
    if (!list?.success) throw failureOf(reply);
    const { rows } = readRows(OfferedModelReading, list.data.data);
    if (rows.length === 0) throw new OpenRouterUnavailable('OpenRouter lists no models with prices.');
    return rows;
  }

  async listKeys(secret: string, signal?: AbortSignal): Promise<KeyListing> {
    const keys = new Map<string, AccountKey>();
    const workspaces = await this.workspaces(secret, signal);
    let { isComplete } = workspaces;
    for (const workspace of workspaces.queries) {
      const query = { include_disabled: 'true', include_expired: 'true', ...workspace };
      const listed = await this.pages({ path: '/keys', secret, query, signal });
      const { rows, unreadable } = this.rows('/keys', AccountKeyReading, listed.items);
      for (const key of rows) keys.set(key.hash, key);
      isComplete &&= listed.isComplete && unreadable.length === 0;
    }
    return { keys: [...keys.values()], isComplete };
  }

  async credits(secret: string, signal?: AbortSignal): Promise<Credits> {
    return this.read(CreditsReading, { path: '/credits', secret, signal });
  }

  async activity(secret: string, keyHash: string, day?: Day, signal?: AbortSignal): Promise<ModelUsage[]> {
    const query = { api_key_hash: keyHash, ...(day === undefined ? {} : { date: day }) };
    const { data } = await this.read(ListAnswer, { path: '/activity', secret, query, signal });
    const { rows } = this.rows('/activity', ActivityReading, data);
    return sumByModel(rows.filter(({ date }) => day === undefined || date === day));
  }

  /** An answer that is cut short is continued with the models that are still missing. */
  async usageOfDay(secret: string, keyHash: string, day: Day, signal?: AbortSignal): Promise<ModelUsage[]> {
    const models = new Map<string, ModelUsage>();
    for (let page = 0; page < MOST_PAGES; page++) {
      const body = analyticsQuestion(keyHash, day, [...models.keys()]);
      const { data } = await this.read(AnalyticsAnswer, { path: '/analytics/query', secret, body, signal });
      refuseUnknownKey(data);
      const found = this.rows('/analytics/query', AnalyticsReading, data.data)
        .rows.filter(({ date, model }) => (date === null || date === day) && !models.has(model))
        .map((row) => ({ ...row, date: day }));
      for (const row of sumByModel(found)) models.set(row.model, row);
      if (!data.metadata?.truncated) return this.underUsualNames([...models.values()], signal);
      if (found.length === 0) break;
    }
    throw new OpenRouterUnavailable('OpenRouter tells only a part of what this key has used today.');
  }

  async usageByHour(
    secret: string,
    wanted: readonly WantedHours[],
    through: Hour,
    signal?: AbortSignal,
  ): Promise<KeyHours[]> {
    const analytics = new HourlyAnalytics(async (body): Promise<HourlyAnswer> => {
      const { data } = await this.read(AnalyticsAnswer, { path: '/analytics/query', secret, body, signal });
      const { rows, unreadable } = this.rows('/analytics/query', HourReading, data.data);
      const unclear = unreadable.map((row) => KeyNameReading.safeParse(row).data ?? null);
      return { rows, unclear, isTruncated: data.metadata?.truncated ?? false };
    });
    const told = await analytics.of(wanted, through);
    const usualName = told.some(({ usage }) => usage.length > 0) ? await this.modelNames.load(signal) : String;
    return told.map(({ usage, ...key }) => {
      return { ...key, usage: sumByHour(usage.map((row) => ({ ...row, model: usualName(row.model) }))) };
    });
  }

  private async underUsualNames(rows: ModelUsage[], signal?: AbortSignal): Promise<ModelUsage[]> {
    if (rows.length === 0) return rows;
    const usualName = await this.modelNames.load(signal);
    return sumByModel(rows.map((row) => ({ ...row, model: usualName(row.model) })));
  }

  /** The query that names each workspace. Where workspaces are not to be had, the default one is meant by naming none. */
  private async workspaces(secret: string, signal?: AbortSignal): Promise<Workspaces> {
    try {
      const listed = await this.pages({ path: '/workspaces', secret, query: { limit: PAGE }, signal });
      const { rows, unreadable } = this.rows('/workspaces', WorkspaceReading, listed.items);
      const queries = rows.map(({ id }) => ({ workspace_id: id }));
      const isComplete = listed.isComplete && unreadable.length === 0;
      return queries.length > 0 ? { queries, isComplete } : { queries: [{}], isComplete: false };
    } catch (error) {
      if (!(error instanceof NotThere) && !(error instanceof OpenRouterDenied && error.status === 403)) throw error;
      return { queries: [{}], isComplete: false };
    }
  }

  /** The items of a list that comes a hundred at a time. A page that repeats the one before ends it before its end. */
  private async pages(question: OwnQuestion): Promise<{ items: unknown[]; isComplete: boolean }> {
    const items: unknown[] = [];
    let before = '';
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = { ...question.query, offset: page * PAGE };
      const { data } = await this.read(ListAnswer, { ...question, query });
      const text = JSON.stringify(data);
      if (data.length === PAGE && text === before) break;
      items.push(...data);
      if (data.length < PAGE) return { items, isComplete: true };
      before = text;
    }
    return { items, isComplete: false };
  }

  private async read<T>(reading: z.ZodType<T>, question: OwnQuestion): Promise<T> {
    if (!isSendable(question.secret)) throw new OpenRouterDenied(401, UNSENDABLE.detail);
    const reply = await this.exchange.ask(question);
    if (reply.status === 404) throw new NotThere(failureOf(reply).message);
    if (reply.status !== 200) throw failureOf(reply);
    const read = reading.safeParse(reply.body);
    if (!read.success) throw failureOf(reply);
    return read.data;
  }

  private rows<T>(path: string, reading: z.ZodType<T>, items: unknown[]): ReadRows<T> {
    const read = readRows(reading, items);
    const unreadable = read.unreadable.length;
    if (unreadable > 0)
      this.logger.warn({ path, unreadable, read: read.rows.length }, 'OpenRouter sent unreadable rows');
    return read;
  }
}

/** 404: this OpenRouter does not know what it was asked for. */
class NotThere extends OpenRouterUnavailable {}

function analyticsQuestion(keyHash: string, day: Day, otherThan: string[]): object {
  const ofKey = { field: 'api_key_id', operator: 'eq', value: keyHash };
  const missing = { field: 'model', operator: 'not_in', value: otherThan };
  return {
    metrics: METRICS,
    dimensions: ['model'],
    granularity: 'day',
    time_range: { start: startOf(day).toISOString(), end: startOf(addDays(day, 1)).toISOString() },
    filters: otherThan.length > 0 ? [ofKey, missing] : [ofKey],
    limit: MOST_ROWS,
  };
}

/** For a key it cannot find, analytics warns and shows no rows: that is not the same as a key that has used nothing. */
function refuseUnknownKey({ data, warnings }: z.output<typeof AnalyticsAnswer>['data']): void {
  if (data.length > 0 || !warnings || warnings.length === 0) return;
  throw new OpenRouterUnavailable('OpenRouter cannot tell what this key has used: it does not know the key.');
}

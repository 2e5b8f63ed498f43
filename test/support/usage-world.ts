import { SqlEntityManager } from '@mikro-orm/sql';
import { ApiKey, type ApiKeyKind } from '../../src/api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../src/api-keys/api-key.repository.js';
import { KeyVault } from '../../src/api-keys/keeping/key-vault.js';
import { User } from '../../src/auth/accounts/user.entity.js';
import type { NanoUsd } from '../../src/shared/money.js';
import type { Day } from '../../src/shared/time/period.js';
import { ATTENDED_RUN, type TaskFigures, type TaskRun } from '../../src/shared/task-run.js';
import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { FoldOldUsage } from '../../src/usage/books/fold-old-usage.use-case.js';
import { SyncUsage } from '../../src/usage/syncing/sync-usage.use-case.js';
import type { FixedClock } from '../fakes/clock.fixed.ts';
import type { SimulatedKey } from '../simulator/key.ts';
import { type Simulator, startSimulator } from '../simulator/simulator.ts';
import { startApp, type TestApp } from './app.ts';
import type { Dialect } from './services.ts';

/** A stored row, as a spec compares it. */
export interface StoredDay {
  keyId: number;
  date: Day;
  model: string;
  requests: number;
  tokensInput: number;
  tokensOutput: number;
  cost: NanoUsd;
  byokCost: NanoUsd;
}

/** The service, a simulated OpenRouter, and one clock for both. */
export class UsageWorld implements AsyncDisposable {
  private constructor(
    readonly app: TestApp,
    readonly simulator: Simulator,
    readonly clock: FixedClock,
  ) {}

  static async start(dialect: Dialect, clock: FixedClock, env: Record<string, string> = {}): Promise<UsageWorld> {
    const simulator = await startSimulator({ now: () => clock.now() });
    const app = await startApp({ dialect, clock, env: { OPENROUTER_BASE_URL: simulator.url, ...env } });
    return new UsageWorld(app, simulator, clock);
  }

  async user(email = 'ada@example.com'): Promise<number> {
    const user = new User(email, email, 'no password', this.clock.now());
    await this.unitOfWork.run(async () => void this.get(SqlEntityManager).persist(user));
    return user.id;
  }

  /** Registers a key as if its owner had pasted it. */
  register(userId: number, simulated: SimulatedKey, name = simulated.name): Promise<number> {
    const kind: ApiKeyKind = simulated.isManagement ? 'management' : 'standard';
    return this.unitOfWork.run(async () => {
      const key = new ApiKey(userId, name, kind, this.clock.now());
      this.get(ApiKeyRepository).add(key);
      await this.get(ApiKeyRepository).flush();
      this.get(KeyVault).put(key, simulated.secret);
      return key.id;
    });
  }

  /** As if the owner had entered another secret for the same key. */
  replaceSecret(keyId: number, simulated: SimulatedKey): Promise<void> {
    return this.unitOfWork.run(async () => {
      const key = await this.get(ApiKeyRepository).find(keyId);
      this.get(KeyVault).put(key!, simulated.secret);
    });
  }

  sync(run: TaskRun = ATTENDED_RUN): Promise<TaskFigures> {
    return this.get(SyncUsage).execute(run);
  }

  fold(run: TaskRun = ATTENDED_RUN): Promise<TaskFigures> {
    return this.get(FoldOldUsage).execute(run);
  }

  /** Moves the clock and syncs. */
  syncAt(iso: string): Promise<TaskFigures> {
    this.clock.set(iso);
    return this.sync();
  }

  async keys(userId: number): Promise<ApiKey[]> {
    const keys = await this.unitOfWork.run(() => this.get(ApiKeyRepository).listOf(userId));
    return keys.toSorted((one, other) => one.id - other.id);
  }

  async days(keyId?: number): Promise<StoredDay[]> {
    const rows = await this.sql<Record<string, string | number>>(
      `select api_key_id, date, model, requests, tokens_input, tokens_output, cast(cost_nanos as text) as cost,
       cast(byok_cost_nanos as text) as byok_cost from usage_days`,
    );
    return rows
      .map((row) => ({
        keyId: Number(row.api_key_id),
        date: String(row.date),
        model: String(row.model),
        requests: Number(row.requests),
        tokensInput: Number(row.tokens_input),
        tokensOutput: Number(row.tokens_output),
        cost: BigInt(row.cost!),
        byokCost: BigInt(row.byok_cost!),
      }))
      .filter((row) => keyId === undefined || row.keyId === keyId)
      .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  }

  /** Everything that a key has cost, by day. */
  async costs(keyId: number): Promise<Record<Day, NanoUsd>> {
    const costs: Record<Day, NanoUsd> = {};
    for (const { date, cost } of await this.days(keyId)) costs[date] = (costs[date] ?? 0n) + cost;
    return costs;
  }

  /** Days and months together: the all-time figures of a key. */
  async total(keyId: number): Promise<{ cost: NanoUsd; requests: number }> {
    const sums = await this.sql<{ cost: string; requests: string | number }>(
      `select cast(sum(cost) as text) as cost, sum(requests) as requests from (
         select cost_nanos as cost, requests from usage_days where api_key_id = ?
         union all select cost_nanos, requests from usage_months where api_key_id = ?) everything`,
      [keyId, keyId],
    );
    return { cost: BigInt(sums[0]?.cost ?? 0), requests: Number(sums[0]?.requests ?? 0) };
  }

  sql<T>(query: string, parameters: unknown[] = []): Promise<T[]> {
    return this.get(SqlEntityManager).fork().execute<T[]>(query, parameters);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app[Symbol.asyncDispose]();
    await this.simulator.close();
  }

  get unitOfWork(): UnitOfWork {
    return this.get(UnitOfWork);
  }

  get<T>(token: (abstract new (...parameters: never[]) => T) | (new (...parameters: never[]) => T)): T {
    return this.app.nest.get(token as new () => T, { strict: false });
  }
}

function nameOf({ keyId, date, model }: StoredDay): string {
  return `${String(keyId).padStart(9, '0')} ${date} ${model}`;
}

/** What the simulator itself has booked for a key, by day, up to now. */
export function trueCosts(key: SimulatedKey, from: Day = '0000'): Record<Day, NanoUsd> {
  const costs: Record<Day, NanoUsd> = {};
  for (const { at, cost } of key.past()) {
    const date = new Date(at).toISOString().slice(0, 10);
    if (date >= from) costs[date] = (costs[date] ?? 0n) + cost;
  }
  return costs;
}

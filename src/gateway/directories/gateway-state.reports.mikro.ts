import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { DEAD } from '../../api-keys/key-status.js';
import type { BudgetPeriod } from '../client-keys/client-key.entity.js';
import { type ClientKeyRow, GatewayState, type UpstreamRow } from './gateway-state.reports.js';

/** Counts the changes to client keys, over all instances. */
export class GatewayChanges {
  constructor(
    readonly id: number,
    readonly lastChange: number,
  ) {}
}

export const GatewayChangesTable = defineEntity({
  class: GatewayChanges,
  tableName: 'gateway_changes',
  properties: {
    id: p.integer().primary().autoincrement(false),
    lastChange: p.integer(),
  } satisfies Record<EntityKey<GatewayChanges>, unknown>,
});

interface StoredKey {
  id: number;
  name: string;
  key_hash: string;
  upstream_ids: string | number[];
  expires_at: string | number | null;
  revoked_at: string | number | null;
  rpm: number | null;
  tpm: number | null;
  max_parallel: number | null;
  models: string | string[] | null;
  budget: string | null;
  budget_period: BudgetPeriod | null;
}

interface StoredUpstream {
  id: number;
  name: string;
  provider: string;
  base_url: string;
  timeout_seconds: number;
  is_default: boolean | number;
  is_active: boolean | number;
  deleted_at: string | number | null;
  sealed_secret: string | null;
  api_key_id: number | null;
  key_secret: string | null;
  key_status: string | null;
  key_is_on: boolean | number | null;
}

/** Plain SQL, because it is asked twice a second and whenever something changes. */
@Injectable()
export class MikroGatewayState extends GatewayState {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async lastChange(): Promise<number> {
    const [row] = await this.em.execute<{ last_change: number }[]>('select last_change from gateway_changes');
    return row?.last_change ?? 0;
  }

  async nextChange(): Promise<number> {
    const [row] = await this.em.execute<[{ last_change: number }]>(
      `insert into gateway_changes (id, last_change) values (1, 1)
       on conflict (id) do update set last_change = gateway_changes.last_change + 1 returning last_change`,
    );
    return row.last_change;
  }

  async clientKeysSince(change: number): Promise<ClientKeyRow[]> {
    const rows = await this.em.execute<StoredKey[]>(
      `select id, name, key_hash, upstream_ids, expires_at, revoked_at, rpm, tpm, max_parallel, models,
       cast(budget_nanos as text) as budget, budget_period from client_keys where changed_in > ?`,
      [change],
    );
    return rows.map(keyOf);
  }

  async upstreams(): Promise<UpstreamRow[]> {
    const rows = await this.em.execute<StoredUpstream[]>(
      `select u.id, u.name, u.provider, u.base_url, u.timeout_seconds, u.is_default, u.is_active, u.deleted_at,
       u.sealed_secret, u.api_key_id, k.sealed_secret as key_secret, k.status as key_status,
       k.is_switched_on as key_is_on
       from upstreams u left join api_keys k on k.id = u.api_key_id order by u.id`,
    );
    return rows.map(upstreamOf);
  }
}

function keyOf(row: StoredKey): ClientKeyRow {
  return {
    id: row.id,
    name: row.name,
    keyHash: row.key_hash,
    upstreamIds: listOf(row.upstream_ids) ?? [],
    expiresAt: instantOf(row.expires_at),
    revokedAt: instantOf(row.revoked_at),
    limits: {
      rpm: row.rpm,
      tpm: row.tpm,
      maxParallel: row.max_parallel,
      models: listOf(row.models),
      budget: row.budget === null ? null : BigInt(row.budget),
      budgetPeriod: row.budget_period,
    },
  };
}

function upstreamOf(row: StoredUpstream): UpstreamRow {
  const isRemoved = row.deleted_at !== null;
  const isOn = Boolean(row.is_active) && !isRemoved;
  const isKeyAlive = Boolean(row.key_is_on) && !DEAD.some((status) => status === row.key_status);
  return {
    id: row.id,
    name: row.name,
    provider: row.provider,
    baseUrl: row.base_url,
    timeoutSeconds: row.timeout_seconds,
    isDefault: Boolean(row.is_default),
    isUsable: isOn && (row.api_key_id === null || isKeyAlive),
    isRemoved,
    secret: secretOf(row),
  };
}

function secretOf({ id, sealed_secret, api_key_id, key_secret }: StoredUpstream): UpstreamRow['secret'] {
  if (sealed_secret !== null) return { sealed: sealed_secret, table: 'upstreams', id };
  if (api_key_id === null || key_secret === null) return null;
  return { sealed: key_secret, table: 'api_keys', id: api_key_id };
}

/** SQLite has JSON as text. */
function listOf<T>(stored: string | T[] | null): T[] | null {
  return typeof stored === 'string' ? (JSON.parse(stored) as T[]) : stored;
}

function instantOf(stored: string | number | null): Date | null {
  return stored === null ? null : new Date(stored);
}

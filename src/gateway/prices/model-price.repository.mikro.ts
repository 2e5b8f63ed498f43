import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import type { ModelRates, OfferedModel } from '../../open-router/offered-model.js';
import { ManyRows } from '../request-logs/many-rows.mikro.js';
import { ModelPriceRepository } from './model-price.repository.js';

/** One model of the list; `rates` is JSON, its prices the exact texts. */
export class ModelPriceRow {
  readonly model!: string;
  readonly slug!: string | null;
  readonly contextLength!: number | null;
  readonly maxOutputTokens!: number | null;
  readonly rates!: string;
  readonly listedAt!: Date;
}

export const ModelPriceTable = defineEntity({
  class: ModelPriceRow,
  tableName: 'model_prices',
  properties: {
    model: p.string().length(255).primary(),
    slug: p.string().length(255).nullable(),
    contextLength: p.bigint('number').nullable(),
    maxOutputTokens: p.bigint('number').nullable(),
    rates: p.text(),
    listedAt: p.datetime(3),
  } satisfies Record<EntityKey<ModelPriceRow>, unknown>,
});

const COLUMNS = ['model', 'slug', 'context_length', 'max_output_tokens', 'rates', 'listed_at'];
const PRICES = ManyRows.into(
  'model_prices',
  COLUMNS,
  `on conflict (model) do update set ${COLUMNS.slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(', ')}`,
);

@Injectable()
export class MikroModelPriceRepository extends ModelPriceRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async listedAt(): Promise<Date | null> {
    const [row] = await this.em.execute<{ listed_at: string | number | null }[]>(
      'select max(listed_at) as listed_at from model_prices',
    );
    return row?.listed_at == null ? null : new Date(row.listed_at);
  }

  async all(): Promise<OfferedModel[]> {
    const rows = await this.em.execute<Stored[]>('select * from model_prices order by model');
    return rows.map((row) => ({
      id: row.model,
      slug: row.slug,
      contextLength: numberOf(row.context_length),
      maxOutputTokens: numberOf(row.max_output_tokens),
      rates: JSON.parse(row.rates) as ModelRates[],
    }));
  }

  async replace(models: readonly OfferedModel[], listedAt: Date): Promise<void> {
    const byName = new Map(models.map((model) => [model.id, model]));
    const rows = [...byName.values()]
      .toSorted((one, other) => (one.id < other.id ? -1 : 1))
      .map(({ id, slug, contextLength, maxOutputTokens, rates }) => [
        id,
        slug,
        contextLength,
        maxOutputTokens,
        JSON.stringify(rates),
        listedAt,
      ]);
    await PRICES.write(this.em, rows);
    await this.em.execute('delete from model_prices where listed_at < ?', [listedAt]);
  }
}

interface Stored {
  model: string;
  slug: string | null;
  context_length: string | number | null;
  max_output_tokens: string | number | null;
  rates: string;
}

/** PostgreSQL hands 64-bit integers out as texts. */
function numberOf(stored: string | number | null): number | null {
  return stored === null ? null : Number(stored);
}

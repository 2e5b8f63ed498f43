import { Injectable } from '@nestjs/common';
import type { OfferedModel } from '../../open-router/offered-model.js';
import type { NanoUsd } from '../../shared/money.js';
import { CallPrices } from '../proxy/call-prices.port.js';
import { ModelPrice, type UsedTokens } from './model-price.entity.js';

/** Variants that choose among the providers of a model; what they cost is listed under the model itself. */
const ROUTING_VARIANT = /:(?:nitro|floor|exacto)$/;

/** What models cost, in memory: no call waits for the database. */
@Injectable()
export class PriceList extends CallPrices {
  private byName = new Map<string, ModelPrice>();

  take(models: readonly OfferedModel[]): void {
    const prices = models.map(
      ({ id, slug, contextLength, maxOutputTokens, rates }) =>
        new ModelPrice(id, slug, contextLength, maxOutputTokens, rates),
    );
    // Variants share the lasting name of their model; its own price counts for that, and a model's usual name for itself.
    const variantsFirst = prices.toSorted(
      (one, other) => Number(other.model.includes(':')) - Number(one.model.includes(':')),
    );
    const bySlug = variantsFirst.map((price): [string, ModelPrice] => [price.slug ?? price.model, price]);
    this.byName = new Map([...bySlug, ...prices.map((price): [string, ModelPrice] => [price.model, price])]);
  }

  /** Other providers call their models by the part behind the slash. Null for a model that is not listed. */
  find(provider: string, model: string): ModelPrice | null {
    const name = model.replace(ROUTING_VARIANT, '');
    return this.byName.get(model) ?? this.byName.get(name) ?? this.byName.get(`${provider}/${name}`) ?? null;
  }

  costOf(provider: string, models: readonly (string | null)[], used: UsedTokens): NanoUsd | null {
    for (const model of models) {
      const price = model === null ? null : this.find(provider, model);
      if (price) return price.costOf(used);
    }
    return null;
  }
}

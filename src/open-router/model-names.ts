import type { Exchange } from './exchange.js';
import { ListAnswer, ModelReading, readRows } from './open-router.wire.js';

const FRESH_MS = 3_600_000;

/**
 * Analytics names models by their lasting slug (`openai/gpt-4.1-2025-04-14`), activity and people by the usual one
 * (`openai/gpt-4.1`). Knows the second for the first, as far as the list of models tells.
 */
export class ModelNames {
  private usualNames = new Map<string, string>();
  private askedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly exchange: Exchange,
    private readonly now: () => Date,
  ) {}

  /** Returns how to translate; a slug that nobody knows stays as it is. */
  async load(signal?: AbortSignal): Promise<(slug: string) => string> {
    const now = this.now().getTime();
    if (now - this.askedAt >= FRESH_MS) {
      this.askedAt = now;
      await this.refresh(signal);
    }
    return (slug) => this.usualNames.get(slug) ?? slug;
  }

  private async refresh(signal?: AbortSignal): Promise<void> {
    try {
      const { body } = await this.exchange.ask({ path: '/models', secret: null, signal });
      const list = ListAnswer.safeParse(body).data?.data ?? [];
      const { rows } = readRows(ModelReading, list);
      // The free or extended variant of a model has the slug of the model itself.
      const plainLast = rows.toSorted((a, b) => Number(b.id.includes(':')) - Number(a.id.includes(':')));
      for (const { id, canonical_slug: slug } of plainLast) this.usualNames.set(slug, id);
    } catch {
      // Names are a courtesy: the figures are right without them.
      signal?.throwIfAborted();
    }
  }
}

import type { Exchange } from './exchange.js';
import { ListAnswer, ModelReading, readRows } from './open-router.wire.js';

const FRESH_MS = 3_600_000;
/** After a failure, so that a sync of many keys does not wait for each of them in vain. */
const RETRY_MS = 60_000;

/**
 * Analytics names models by their lasting slug (`openai/gpt-4.1-2025-04-14`), activity and people by the usual one
 * (`openai/gpt-4.1`). Knows the second for the first, as far as the list of models tells.
 */
export class ModelNames {
  private usualNames = new Map<string, string>();
  private nextLoadAt = Number.NEGATIVE_INFINITY;
  private loading: Promise<void> | null = null;

  constructor(
    private readonly exchange: Exchange,
    private readonly now: () => Date,
  ) {}

  /** Returns how to translate; a slug that nobody knows stays as it is. Throws the reason of `signal` when that aborts. */
  async load(signal?: AbortSignal): Promise<(slug: string) => string> {
    if (this.now().getTime() >= this.nextLoadAt) {
      this.loading ??= this.refresh().finally(() => (this.loading = null));
      await unlessAborted(this.loading, signal);
    }
    return (slug) => this.usualNames.get(slug) ?? slug;
  }

  /** For everybody who waits: nobody's signal ends it. Names are a courtesy, the figures are right without them. */
  private async refresh(): Promise<void> {
    const isLoaded = await this.ask().catch(() => false);
    this.nextLoadAt = this.now().getTime() + (isLoaded ? FRESH_MS : RETRY_MS);
  }

  private async ask(): Promise<boolean> {
    const { body } = await this.exchange.ask({ path: '/models', secret: null });
    const list = ListAnswer.safeParse(body);
    if (!list.success) return false;
    const { rows } = readRows(ModelReading, list.data.data);
    // The free or extended variant of a model has the slug of the model itself.
    const plainLast = rows.toSorted((a, b) => Number(b.id.includes(':')) - Number(a.id.includes(':')));
    for (const { id, canonical_slug: slug } of plainLast) this.usualNames.set(slug, id);
    return true;
  }
}

async function unlessAborted(work: Promise<void>, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

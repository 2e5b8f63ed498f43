import type { OfferedModel } from '../../open-router/offered-model.js';

/** The list of prices as OpenRouter last told it. Writing belongs into a unit of work. */
export abstract class ModelPriceRepository {
  /** When the list was last taken in, on any instance; null if it never was. */
  abstract listedAt(): Promise<Date | null>;
  abstract all(): Promise<OfferedModel[]>;
  /** Models that are not on the new list go. */
  abstract replace(models: readonly OfferedModel[], listedAt: Date): Promise<void>;
}

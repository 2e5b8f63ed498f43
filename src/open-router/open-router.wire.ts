import { z } from 'zod';
import { usd, identifier } from './wire-values.js';

// What OpenRouter writes, as far as this service reads it. Only what a reading makes no sense without is required;
// unknown fields and words are accepted, for new ones come without notice.

export const CreditsReading = z
  .looseObject({ data: z.looseObject({ total_credits: usd, total_usage: usd }) })
  .transform(({ data }) => ({ total: data.total_credits, used: data.total_usage }));

export const WorkspaceReading = z.looseObject({ id: identifier(64) });

export const ModelReading = z.looseObject({ id: identifier(200), canonical_slug: identifier(200) });

/** An answer that is a list; each row is read for itself, so that a bad one does not take the others with it. */
export const ListAnswer = z.looseObject({ data: z.array(z.unknown()) });

/** The sentence in OpenRouter's errors. */
export const ErrorAnswer = z
  .looseObject({ error: z.looseObject({ message: z.string() }) })
  .transform(({ error }) => error.message);

/** The rows that can be read, and those that cannot as they came. */
export interface ReadRows<T> {
  rows: T[];
  unreadable: unknown[];
}

export function readRows<T>(reading: z.ZodType<T>, rows: unknown[]): ReadRows<T> {
  const read = rows.map((row) => reading.safeParse(row));
  const good = read.flatMap((row) => (row.success ? [row.data] : []));
  return { rows: good, unreadable: rows.filter((_, index) => !read[index]!.success) };
}

import { z } from 'zod';
import { parseUsd } from '../shared/money.js';
import { hourOf } from '../shared/time/hour.js';

// How one value is read. Numbers arrive as texts (exact-json.ts).

/** More than this in either direction is no amount that anybody owes. */
const MOST_NANOS = 1_000_000_000_000_000_000n;
const MOST_WORDS = 100;
const LAST_INSTANT = Date.parse('9999-12-31T23:59:59.999Z');

export const usd = z.string().transform((text, context) => {
  try {
    const nanos = parseUsd(text);
    if (nanos <= MOST_NANOS && nanos >= -MOST_NANOS) return nanos;
  } catch {
    // Refused below, as an amount that is too large is.
  }
  context.addIssue('is no amount');
  return z.NEVER;
});
const count = z
  .string()
  .regex(/^-?\d+(\.0*)?$/)
  .transform(Number)
  .refine(Number.isSafeInteger);
export const usdOrNothing = usd.nullish().transform((nanos) => nanos ?? 0n);
export const usdIfKnown = usd.nullish().transform((nanos) => nanos ?? null);
export const countOrNothing = count.nullish().transform((value) => value ?? 0);
export const countIfKnown = count.nullish().transform((value) => value ?? null);
/** A name that stands for something: taken as it is, or not at all. */
export const identifier = (most: number) => z.string().regex(new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${most}}$`, 'u'));
/** Words for people: what no database and no page can show is left out. */
export const wordsIfKnown = z
  .string()
  .nullish()
  .catch(null)
  .transform((text) => [...(text ?? '').replaceAll(/[\p{Cc}\p{Cs}]/gu, '')].slice(0, MOST_WORDS).join('') || null);
export const instantIfKnown = z
  .string()
  .nullish()
  .catch(null)
  .transform((text) => {
    const instant = new Date(text ?? Number.NaN);
    return instant.getTime() >= 0 && instant.getTime() <= LAST_INSTANT ? instant : null;
  });
/** The hour that begins at an instant or, where that is midnight, at a bare day; without a zone it is UTC. */
export const hour = z.string().transform((text, context) => {
  const [, day, time = '00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:[\d:.]+))?(Z|[+-]\d\d:?\d\d)?$/.exec(text) ?? [];
  const instant = new Date(`${day}T${time}${zone}`);
  if (instant.getTime() >= 0 && instant.getTime() <= LAST_INSTANT) return hourOf(instant);
  context.addIssue('is no hour');
  return z.NEVER;
});
export const resetIfKnown = z.enum(['daily', 'weekly', 'monthly']).nullish().catch(null);
export const yes = z.boolean().nullish().catch(null);

/** The reset windows of OpenRouter: UTC days, weeks that start on Monday, months. */
export type Window = 'daily' | 'weekly' | 'monthly';

export const DAY_MS = 86_400_000;

/** `YYYY-MM-DD`, UTC. */
export function dayOf(instant: Date | number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

export function addDays(day: string, days: number): string {
  return dayOf(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS);
}

/** When the window began in which `now` lies; null is a lifetime. */
export function windowStart(window: Window | null, now: Date): number {
  const day = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  if (window === null) return Number.NEGATIVE_INFINITY;
  if (window === 'daily') return day;
  if (window === 'weekly') return day - ((now.getUTCDay() + 6) % 7) * DAY_MS;
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1);
}

/** When the window ends in which `now` lies; null for a lifetime. */
export function windowEnd(window: Window | null, now: Date): Date | null {
  const start = windowStart(window, now);
  if (window === null) return null;
  if (window === 'monthly') return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
  return new Date(start + (window === 'daily' ? 1 : 7) * DAY_MS);
}

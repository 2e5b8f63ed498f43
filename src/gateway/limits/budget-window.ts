import type { BudgetPeriod } from '../client-keys/client-key.entity.js';
import { addDays, type Day, dayOf, startOf } from '../../shared/time/period.js';

/** Which window of a budget is meant. */
export interface WindowPlace {
  period: BudgetPeriod;
  startsOn: Day;
}

/** The period of a budget in which an instant lies. It is computed from the time: nothing ever resets it. */
export interface BudgetWindow extends WindowPlace {
  endsAt: Date;
}

/** Days, weeks from Monday, and months, all in UTC. */
export function windowOf(period: BudgetPeriod, now: Date): BudgetWindow {
  const today = dayOf(now);
  if (period === 'day') return { period, startsOn: today, endsAt: startOf(addDays(today, 1)) };
  if (period === 'week') {
    const startsOn = addDays(today, -((now.getUTCDay() + 6) % 7));
    return { period, startsOn, endsAt: startOf(addDays(startsOn, 7)) };
  }
  const endsAt = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));
  return { period, startsOn: `${today.slice(0, 8)}01`, endsAt };
}

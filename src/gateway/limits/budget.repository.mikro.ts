import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import type { NanoUsd } from '../../shared/money.js';
import type { WindowPlace } from './budget-window.js';
import { BudgetRepository, type BudgetStanding, type Reservation } from './budget.repository.js';
import { ReservationRow } from './budget.tables.mikro.js';

type Place = [clientKeyId: number, period: string, startsOn: string];

const AT_PLACE = 'client_key_id = ? and period = ? and starts_on = ?';
const amountIn = (amount: NanoUsd) => String(amount);

@Injectable()
export class MikroBudgetRepository extends BudgetRepository {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async reserve(reservation: Reservation, budget: NanoUsd): Promise<boolean> {
    const place = placeOf(reservation);
    if (!(await this.hold(place, reservation.amount, budget))) {
      await this.open(place);
      if (!(await this.hold(place, reservation.amount, budget))) return false;
    }
    const { id, clientKeyId, amount, expiresAt, window } = reservation;
    const { period, startsOn } = window;
    await this.em.insert(ReservationRow, { id, clientKeyId, period, startsOn, amount, expiresAt });
    return true;
  }

  async settle(reservation: Reservation, cost: NanoUsd): Promise<void> {
    const isHeld = (await this.em.nativeDelete(ReservationRow, { id: reservation.id })) === 1;
    await this.book(placeOf(reservation), isHeld ? reservation.amount : 0n, cost);
  }

  correct(clientKeyId: number, { period, startsOn }: WindowPlace, difference: NanoUsd): Promise<void> {
    return this.book([clientKeyId, period, startsOn], 0n, difference);
  }

  async releaseExpired(now: Date, clientKeyId?: number): Promise<{ calls: number; amount: NanoUsd }> {
    const released = { calls: 0, amount: 0n };
    const whose = clientKeyId === undefined ? {} : { clientKeyId };
    const order = { orderBy: { clientKeyId: 'asc' } } as const;
    const expired = await this.em.find(ReservationRow, { ...whose, expiresAt: { $lt: now } }, order);
    for (const { id, clientKeyId: keyId, period, startsOn, amount } of expired) {
      if ((await this.em.nativeDelete(ReservationRow, { id })) === 0) continue;
      await this.book([keyId, period, startsOn], amount, 0n);
      released.calls++;
      released.amount += amount;
    }
    return released;
  }

  async standing(clientKeyId: number, { period, startsOn }: WindowPlace): Promise<BudgetStanding> {
    const [row] = await this.em.execute<{ spent: string; reserved: string }[]>(
      `select cast(spent_nanos as text) as spent, cast(reserved_nanos as text) as reserved
       from gateway_budgets where ${AT_PLACE}`,
      [clientKeyId, period, startsOn],
    );
    return { spent: BigInt(row?.spent ?? 0), reserved: BigInt(row?.reserved ?? 0) };
  }

  private async hold(place: Place, amount: NanoUsd, budget: NanoUsd): Promise<boolean> {
    const held = await this.em.execute<unknown[]>(
      `update gateway_budgets set reserved_nanos = reserved_nanos + cast(? as bigint)
       where ${AT_PLACE} and spent_nanos + reserved_nanos < cast(? as bigint) returning client_key_id`,
      [amountIn(amount), ...place, amountIn(budget)],
    );
    return held.length === 1;
  }

  /** A window begins with what was spent in it before the key had this budget. */
  private async open([clientKeyId, period, startsOn]: Place): Promise<void> {
    await this.em.execute(
      `insert into gateway_budgets (client_key_id, period, starts_on, spent_nanos, reserved_nanos)
       select cast(? as integer), ?, ?, coalesce(sum(cost_nanos), 0), 0 from gateway_usage_hours
       where client_key_id = ? and hour >= ? on conflict (client_key_id, period, starts_on) do nothing`,
      [clientKeyId, period, startsOn, clientKeyId, startsOn],
    );
  }

  private async book(place: Place, released: NanoUsd, cost: NanoUsd): Promise<void> {
    await this.em.execute(
      `update gateway_budgets set reserved_nanos = reserved_nanos - cast(? as bigint),
       spent_nanos = spent_nanos + cast(? as bigint) where ${AT_PLACE}`,
      [amountIn(released), amountIn(cost), ...place],
    );
  }
}

function placeOf({ clientKeyId, window }: Reservation): Place {
  return [clientKeyId, window.period, window.startsOn];
}

import { defineEntity, type EntityKey, p } from '@mikro-orm/core';
import { nanoUsd } from '../../database/nano-usd.type.js';
import type { NanoUsd } from '../../shared/money.js';
import type { Day } from '../../shared/time/period.js';
import type { BudgetPeriod } from '../client-keys/client-key.entity.js';

/** What a client key has spent in one window of its budget. */
export class BudgetRow {
  readonly clientKeyId!: number;
  readonly period!: BudgetPeriod;
  readonly startsOn!: Day;
  readonly spent!: NanoUsd;
  readonly reserved!: NanoUsd;
}

/** What is held back for one call. */
export class ReservationRow {
  readonly id!: string;
  readonly clientKeyId!: number;
  readonly period!: BudgetPeriod;
  readonly startsOn!: Day;
  readonly amount!: NanoUsd;
  readonly expiresAt!: Date;
}

export const BudgetTable = defineEntity({
  class: BudgetRow,
  tableName: 'gateway_budgets',
  properties: {
    clientKeyId: p.integer().primary().autoincrement(false),
    period: p.string().length(8).primary().$type<BudgetPeriod>(),
    startsOn: p.string().length(10).primary(),
    spent: nanoUsd().name('spent_nanos'),
    reserved: nanoUsd().name('reserved_nanos'),
  } satisfies Record<EntityKey<BudgetRow>, unknown>,
});

export const ReservationTable = defineEntity({
  class: ReservationRow,
  tableName: 'gateway_reservations',
  indexes: [{ properties: ['clientKeyId', 'expiresAt'] }],
  properties: {
    id: p.string().length(36).primary(),
    clientKeyId: p.integer(),
    period: p.string().length(8).$type<BudgetPeriod>(),
    startsOn: p.string().length(10),
    amount: nanoUsd().name('amount_nanos'),
    expiresAt: p.datetime(3),
  } satisfies Record<EntityKey<ReservationRow>, unknown>,
});

import { pino } from 'pino';
import { expect, it } from 'vitest';
import { FixedClock } from '../../../test/fakes/clock.fixed.ts';
import { MemoryUnitOfWork } from '../../../test/fakes/unit-of-work.memory.ts';
import { GatewayFigures } from '../request-logs/gateway-figures.js';
import { BudgetDesk } from './budget-desk.js';
import { windowOf } from './budget-window.js';
import type { BudgetRepository } from './budget.repository.js';

it('settles a call at once that is over as soon as it may begin', async () => {
  const clock = new FixedClock();
  const settled: bigint[] = [];
  const budgets: Partial<BudgetRepository> = {
    reserve: async () => true,
    settle: async (_, cost) => void settled.push(cost),
  };
  const figures = new GatewayFigures();
  const logger = pino({ enabled: false });
  const desk = new BudgetDesk(budgets as BudgetRepository, figures, clock, new MemoryUnitOfWork(), logger);
  const window = windowOf('day', clock.now());
  const reservation = { id: 'one', clientKeyId: 1, window, amount: 5n, expiresAt: clock.now() };
  expect(await desk.reserve(reservation, 10n)).toBe(true);
  desk.settle(reservation, 3n);
  await expect.poll(() => settled, { timeout: 5_000 }).toEqual([3n]);
});

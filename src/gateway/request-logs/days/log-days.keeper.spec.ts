import { pino } from 'pino';
import { expect, it } from 'vitest';
import { FixedClock } from '../../../../test/fakes/clock.fixed.ts';
import { LogDaysKeeper } from './log-days.keeper.js';
import { LogDayInUse, RestTooFull } from './log-days.port.js';
import type { DayWithoutRoom, PrepareLogDays } from './prepare-log-days.use-case.js';

/** A keeper at noon, and the lines it writes when making room ends like this. */
function keeperWhere(execute: () => Promise<DayWithoutRoom[]>) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>) });
  const clock = new FixedClock('2026-06-17T12:00:00.000Z');
  return { lines, keeper: new LogDaysKeeper({ execute } as PrepareLogDays, clock, logger) };
}

it('warns of today and tomorrow without room, and says why', async () => {
  const days = ['2026-06-16', '2026-06-17', '2026-06-18', '2026-06-19'];
  const { lines, keeper } = keeperWhere(async () =>
    days.map((day) => ({ day, why: day === '2026-06-17' ? new RestTooFull() : new LogDayInUse() })),
  );
  await keeper.look();
  expect(lines).toMatchObject([
    { level: 40, day: '2026-06-17', why: expect.stringContaining('docs/scaling.md') as string },
    { level: 40, day: '2026-06-18', why: expect.stringContaining('backup') as string },
  ]);
});

it('says nothing when there is room', async () => {
  const { lines, keeper } = keeperWhere(async () => []);
  await keeper.look();
  expect(lines).toEqual([]);
});

it('lets the service start, and warns, when no room can be made at all', async () => {
  const { lines, keeper } = keeperWhere(() => Promise.reject(new Error('permission denied for schema public')));
  keeper.onApplicationBootstrap();
  await keeper.look();
  expect(lines).toMatchObject([{ level: 40, err: { message: 'permission denied for schema public' } }]);
  await keeper.onApplicationShutdown();
});

import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { FixedClock } from '../../../../test/fakes/clock.fixed.ts';
import { MemoryUnitOfWork } from '../../../../test/fakes/unit-of-work.memory.ts';
import { GatewayFigures } from '../gateway-figures.js';
import { LostCalls } from './lost-calls.js';
import { OpenCallsRepository } from './open-calls.repository.js';

class MemoryOpenCalls extends OpenCallsRepository {
  private readonly rows = new Map<string, { calls: number; seenAt: Date }>();

  async note(instanceId: string, calls: number, seenAt: Date): Promise<void> {
    this.rows.set(instanceId, { calls, seenAt });
  }

  async takeLost(notSeenSince: Date): Promise<number> {
    const gone = [...this.rows].filter(([, { seenAt }]) => seenAt < notSeenSince);
    for (const [instanceId] of gone) this.rows.delete(instanceId);
    return gone.reduce((sum, [, { calls }]) => sum + calls, 0);
  }
}

const clock = new FixedClock();
let openCalls: MemoryOpenCalls;
let unitOfWork: MemoryUnitOfWork;
let figures: GatewayFigures;
let lostCalls: LostCalls;
beforeEach(async () => {
  vi.useFakeTimers();
  openCalls = new MemoryOpenCalls();
  unitOfWork = new MemoryUnitOfWork();
  figures = new GatewayFigures();
  lostCalls = new LostCalls(openCalls, figures, unitOfWork, clock, pino({ level: 'silent' }));
  await openCalls.note('one', 3, clock.now());
  await lostCalls.onApplicationBootstrap();
});
afterEach(async () => {
  await lostCalls.onApplicationShutdown();
  vi.useRealTimers();
});

async function pass(seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    clock.advance(1);
    await vi.advanceTimersByTimeAsync(1000);
  }
}

it('calls of an instance that is silent while the database answers are lost', async () => {
  await pass(25);
  expect(figures.lostCalls).toBe(3);
});

it('calls of an instance that could not say that it lives while the database was away are not', async () => {
  unitOfWork.failure = new Error('The database is away.');
  await pass(60);
  unitOfWork.failure = null;
  // It is looked before the instance has said so again.
  await pass(5);
  for (let round = 0; round < 20; round++) {
    await openCalls.note('one', 3, clock.now());
    await pass(2);
  }
  expect(figures.lostCalls).toBe(0);
});

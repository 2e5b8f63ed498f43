import { describe, expect, it } from 'vitest';
import { Schedule } from './schedule.js';

const at = (iso: string) => new Date(iso);

describe('a schedule', () => {
  it.each([
    ['0 * * * *', '2026-06-15T12:00:00Z', '2026-06-15T12:00:00Z'],
    ['0 * * * *', '2026-06-15T12:59:59.999Z', '2026-06-15T12:00:00Z'],
    ['* * * * *', '2026-06-15T12:34:56Z', '2026-06-15T12:34:00Z'],
    ['0 2 * * *', '2026-06-15T01:59:59Z', '2026-06-14T02:00:00Z'],
    ['0 3 * * 0', '2026-06-15T12:00:00Z', '2026-06-14T03:00:00Z'],
    ['30 4 29 2 *', '2028-03-01T00:00:00Z', '2028-02-29T04:30:00Z'],
  ])('of %s has at %s reached the slot %s', (expression, now, slot) => {
    expect(new Schedule(expression).latest(at(now))).toEqual(at(slot));
  });

  it('names the next slot', () => {
    expect(new Schedule('0 3 * * 0').next(at('2026-06-15T12:00:00Z'))).toEqual(at('2026-06-21T03:00:00Z'));
    expect(new Schedule('0 * * * *').next(at('2026-06-15T12:00:00Z'))).toEqual(at('2026-06-15T13:00:00Z'));
  });

  it.each(['Europe/Berlin', 'America/New_York', 'Pacific/Chatham'])(
    'doubles and skips no hour when clocks change in %s',
    (zone) => {
      const before = process.env.TZ;
      process.env.TZ = zone;
      try {
        const schedule = new Schedule('0 * * * *');
        for (const start of ['2026-03-28T00:00:00Z', '2026-10-24T00:00:00Z', '2026-03-08T00:00:00Z']) {
          let slot = at(start);
          for (let hour = 1; hour <= 60; hour++) {
            slot = schedule.next(slot)!;
            expect(slot.getTime()).toBe(at(start).getTime() + hour * 3_600_000);
            expect(schedule.latest(new Date(slot.getTime() + 1_799_000))).toEqual(slot);
          }
        }
      } finally {
        if (before === undefined) delete process.env.TZ;
        else process.env.TZ = before;
      }
    },
  );

  it('has no slots when it is off', () => {
    const off = new Schedule('off');
    expect([off.isOn, off.next(new Date()), off.latest(new Date())]).toEqual([false, null, null]);
  });
});

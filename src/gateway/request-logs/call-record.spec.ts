import { describe, expect, it } from 'vitest';
import type { Call } from '../proxy/call-ledger.port.js';
import { NOTHING_KNOWN } from '../proxy/metering/token-usage.js';
import { hoursOf, rowOf } from './call-record.js';

const call = (more: Partial<Call> = {}): Call => ({
  startedAt: new Date('2026-06-15T12:59:59.999Z'),
  clientKeyId: 1,
  upstreamId: 2,
  method: 'POST',
  path: '/v1/chat/completions',
  model: 'openai/gpt-5',
  isStream: false,
  statusCode: 200,
  durationMs: 1_000,
  ttftMs: 10,
  usage: { ...NOTHING_KNOWN, promptTokens: 10, completionTokens: 5, totalTokens: 15, cost: 7n },
  cost: 7n,
  settlement: 'settled',
  generationId: 'gen-1',
  reachedUpstream: true,
  error: null,
  ...more,
});
const unknown = { usage: NOTHING_KNOWN, cost: null, settlement: 'unknown' as const };

const booking = { period: 'day' as const, startsOn: '2026-06-15', amount: 9n };
const row = (ended: Call, canBeSettled: boolean) => rowOf({ call: ended, booking }, canBeSettled);

describe('the row of a call', () => {
  it('never takes an unknown cost for none', () => {
    expect(row(call(unknown), false)).toMatchObject({ cost: null, promptTokens: null, settlement: 'unknown' });
  });

  it('is asked about two seconds after the call, if there is anything to ask', () => {
    expect(row(call(unknown), true).settleAt).toEqual(new Date('2026-06-15T13:00:02.999Z'));
    expect(row(call(unknown), false).settleAt).toBeNull();
    expect(row(call(), true).settleAt).toBeNull();
    expect(row(call({ ...unknown, generationId: null }), true).settleAt).toBeNull();
    expect(row(call({ ...unknown, statusCode: 400 }), true).settleAt).toBeNull();
    expect(row(call({ ...unknown, method: 'GET' }), true).settleAt).toBeNull();
  });

  it('is asked about also where the list of prices has told the cost, and knows what the budget was charged', () => {
    const estimated = call({ cost: 5n, settlement: 'estimated' });
    expect(row(estimated, true)).toMatchObject({
      cost: 5n,
      settlement: 'estimated',
      booked: 9n,
      bookedOn: '2026-06-15',
    });
    expect(row(estimated, true).settleAt).not.toBeNull();
    expect(row(call(), true)).toMatchObject({ booked: null, bookedPeriod: null, bookedOn: null });
  });
});

describe('the hours of calls', () => {
  it('sum up by hour, key, upstream and model, in one order', () => {
    const next = new Date('2026-06-15T13:00:00.000Z');
    const calls = [call({ startedAt: next }), call(), call({ ...unknown, statusCode: 0 }), call({ clientKeyId: null })];
    const hours = hoursOf([...calls, call({ upstreamId: null, statusCode: 401 })]);
    expect(hours).toMatchObject([
      { hour: '2026-06-15T12', requests: 2, failed: 1, promptTokens: 10, cost: 7n, unsettled: 1 },
      { hour: '2026-06-15T13', requests: 1, failed: 0, promptTokens: 10, cost: 7n, unsettled: 0 },
    ]);
    expect(hours).toHaveLength(2);
  });
});

import { hourOf } from '../../shared/time/hour.js';
import type { Booking, Call } from '../proxy/call-ledger.port.js';
import { type HourFigures, type LoggedCall, type SpendDay, type UsageHour } from './logged-call.entity.js';

const FIRST_SETTLEMENT_MS = 2_000;
const HOUR_MS = 3_600_000;
const NO_FIGURES: HourFigures = {
  requests: 0,
  failed: 0,
  promptTokens: 0,
  completionTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  cost: 0n,
  byokCost: 0n,
  unsettled: 0,
};

export type NewLoggedCall = Omit<LoggedCall, 'id'>;

/** A call that is over, and what the budget of its key was charged. */
export interface EndedCall {
  call: Call;
  booking: Booking | null;
}

/** The row of a call that is over. `canBeSettled` where the provider can be asked later what a call has cost. */
export function rowOf({ call, booking }: EndedCall, canBeSettled: boolean): NewLoggedCall {
  const { usage } = call;
  const isOpen = mayHaveCost(call) && call.settlement !== 'settled' && call.generationId !== null && canBeSettled;
  const endedAt = call.startedAt.getTime() + call.durationMs;
  return {
    clientKeyId: call.clientKeyId,
    upstreamId: call.upstreamId,
    method: call.method,
    path: call.path,
    model: call.model,
    promptTokens: usage.promptTokens,
    completionTokens: usage.completionTokens,
    totalTokens: usage.totalTokens,
    cachedTokens: usage.cachedTokens,
    reasoningTokens: usage.reasoningTokens,
    cost: call.cost,
    byokCost: usage.byokCost,
    settlement: call.settlement,
    generationId: call.generationId,
    statusCode: call.statusCode,
    durationMs: call.durationMs,
    ttftMs: call.ttftMs,
    isStream: call.isStream,
    errorMessage: call.error,
    createdAt: call.startedAt,
    settleAt: isOpen ? new Date(endedAt + FIRST_SETTLEMENT_MS) : null,
    settleTries: 0,
    booked: isOpen ? (booking?.amount ?? null) : null,
    bookedPeriod: isOpen ? (booking?.period ?? null) : null,
    bookedOn: isOpen ? (booking?.startsOn ?? null) : null,
  };
}

/** Whether a call may have cost something that nobody has told. */
export function isUnsettled(call: Call): boolean {
  return mayHaveCost(call) && call.cost === null;
}

function mayHaveCost({ reachedUpstream, method, statusCode }: Call): boolean {
  return reachedUpstream && method === 'POST' && statusCode < 300;
}

/** The figures of calls, by hour, key, upstream and model, always in the same order. Calls that came without a key or went nowhere do not count. */
export function hoursOf(calls: readonly Call[]): UsageHour[] {
  const hours = new Map<string, UsageHour>();
  for (const call of calls) {
    const { clientKeyId, upstreamId } = call;
    if (clientKeyId === null || upstreamId === null) continue;
    const model = call.model ?? '';
    const name = `${Math.floor(call.startedAt.getTime() / HOUR_MS)} ${clientKeyId} ${upstreamId} ${model}`;
    const known = hours.get(name) ?? { hour: hourOf(call.startedAt), clientKeyId, upstreamId, model, ...NO_FIGURES };
    hours.set(name, sumOf(known, figuresOf(call)));
  }
  // No two instances that add to the same hours then wait for each other.
  return [...hours].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, hour]) => hour);
}

/** What hours add to the days of their upstreams, always in the same order. */
export function spendDaysOf(hours: readonly UsageHour[]): SpendDay[] {
  const days = new Map<string, SpendDay>();
  for (const { upstreamId, hour, cost } of hours) {
    const date = hour.slice(0, 10);
    const name = `${upstreamId} ${date}`;
    days.set(name, { upstreamId, date, cost: (days.get(name)?.cost ?? 0n) + cost });
  }
  return [...days].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, day]) => day);
}

function figuresOf(call: Call): HourFigures {
  const { usage } = call;
  return {
    requests: 1,
    failed: call.statusCode === 0 || call.statusCode >= 400 || call.error !== null ? 1 : 0,
    promptTokens: usage.promptTokens ?? 0,
    completionTokens: usage.completionTokens ?? 0,
    cachedTokens: usage.cachedTokens ?? 0,
    reasoningTokens: usage.reasoningTokens ?? 0,
    cost: call.cost ?? 0n,
    byokCost: usage.byokCost ?? 0n,
    unsettled: isUnsettled(call) ? 1 : 0,
  };
}

function sumOf(one: UsageHour, other: HourFigures): UsageHour {
  return {
    hour: one.hour,
    clientKeyId: one.clientKeyId,
    upstreamId: one.upstreamId,
    model: one.model,
    requests: one.requests + other.requests,
    failed: one.failed + other.failed,
    promptTokens: one.promptTokens + other.promptTokens,
    completionTokens: one.completionTokens + other.completionTokens,
    cachedTokens: one.cachedTokens + other.cachedTokens,
    reasoningTokens: one.reasoningTokens + other.reasoningTokens,
    cost: one.cost + other.cost,
    byokCost: one.byokCost + other.byokCost,
    unsettled: one.unsettled + other.unsettled,
  };
}

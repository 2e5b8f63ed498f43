import type { LoggedCall } from '../logged-call.entity.js';

const HOUR_MS = 3_600_000;

/** The spans of time, in hours, that calls are counted by. */
export type SpanHours = 1 | 24;

/**
 * By what calls are counted: all together; by what a single filter asks for; by upstream, status and model (`mixed`); and by
 * these and the client key (`whole`).
 */
export type CountedBy = 'all' | 'key' | 'upstream' | 'status' | 'model' | 'mixed' | 'whole';
export const EVERY_COUNT: readonly CountedBy[] = ['all', 'key', 'upstream', 'status', 'model', 'mixed', 'whole'];

/**
 * How many rows of the log began within an hour or a day of UTC and are alike in what they are counted by. The rest is 0 or
 * empty, and so is what a call does not have: its client key, its upstream, its model.
 */
export class LogCount {
  readonly spanHours!: SpanHours;
  readonly countedBy!: CountedBy;
  readonly beginsAt!: Date;
  readonly clientKeyId!: number;
  readonly upstreamId!: number;
  readonly statusCode!: number;
  readonly model!: string;
  calls!: number;
}

/** What of a row of the log decides where it counts. */
export type CountedCall = Pick<LoggedCall, 'clientKeyId' | 'upstreamId' | 'statusCode' | 'model' | 'createdAt'>;

/** Where the span begins in which an instant lies. */
export function startOfSpan(instant: Date, hours: SpanHours): Date {
  const length = hours * HOUR_MS;
  return new Date(Math.floor(instant.getTime() / length) * length);
}

/** Where the span that begins at an instant ends, and the next one begins. */
export function endOfSpan(beginsAt: Date, hours: SpanHours): Date {
  return new Date(beginsAt.getTime() + hours * HOUR_MS);
}

/** Everything that calls count for, always in the same order, so that no two instances wait for each other. */
export function countsOf(calls: readonly CountedCall[]): LogCount[] {
  const alike = new Map<string, LogCount>();
  for (const call of calls) {
    const hour = Math.floor(call.createdAt.getTime() / HOUR_MS);
    const name = `${hour} ${call.clientKeyId} ${call.upstreamId} ${call.statusCode} ${call.model ?? ''}`;
    const known = alike.get(name);
    if (known) known.calls++;
    else alike.set(name, countOf(call));
  }
  const all = new Map<string, LogCount>();
  for (const hour of alike.values()) {
    const day: LogCount = { ...hour, spanHours: 24, beginsAt: startOfSpan(hour.beginsAt, 24) };
    for (const count of [...sidesOf(hour), ...sidesOf(day)]) add(all, count);
  }
  return [...all].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, count]) => count);
}

function countOf({ clientKeyId, upstreamId, statusCode, model, createdAt }: CountedCall): LogCount {
  return {
    spanHours: 1,
    countedBy: 'whole',
    beginsAt: startOfSpan(createdAt, 1),
    clientKeyId: clientKeyId ?? 0,
    upstreamId: upstreamId ?? 0,
    statusCode,
    model: model ?? '',
    calls: 1,
  };
}

/** One count in each of the ways to count. */
function sidesOf(count: LogCount): LogCount[] {
  const { clientKeyId, upstreamId, statusCode, model } = count;
  const nothing: LogCount = { ...count, countedBy: 'all', clientKeyId: 0, upstreamId: 0, statusCode: 0, model: '' };
  return [
    nothing,
    { ...nothing, countedBy: 'key', clientKeyId },
    { ...nothing, countedBy: 'upstream', upstreamId },
    { ...nothing, countedBy: 'status', statusCode },
    { ...nothing, countedBy: 'model', model },
    { ...nothing, countedBy: 'mixed', upstreamId, statusCode, model },
    count,
  ];
}

function add(counts: Map<string, LogCount>, count: LogCount): void {
  const { spanHours, countedBy, beginsAt, clientKeyId, upstreamId, statusCode, model } = count;
  const name = `${spanHours} ${countedBy} ${beginsAt.getTime()} ${clientKeyId} ${upstreamId} ${statusCode} ${model}`;
  const known = counts.get(name);
  if (known) known.calls += count.calls;
  else counts.set(name, count);
}

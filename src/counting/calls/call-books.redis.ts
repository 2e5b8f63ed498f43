import { randomUUID } from 'node:crypto';
import type { Clock } from '../../shared/time/clock.port.js';
import { type RedisLink, RedisScript } from '../redis-link.js';
import { BELIEVED_FOR_MS, CallBooks, type CallEnquiry, type CallStanding } from './call-books.port.js';
import { MINUTE_MS } from './call-refusals.js';
import { Silence } from './silence.js';

const NONE = -1;
const VALUES = 10;

// A script runs alone, so that nobody comes between two of its steps. What is under way is said again before Redis forgets it.
const BOOK = new RedisScript(`
  local now, since, me = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
  local text = function(number) return string.format('%.0f', number) end
  local larger = function(stored, hits, ends, known, known_ends)
    local was, was_ends = tonumber(stored[hits] or 0), tonumber(stored[ends] or 0)
    if was_ends <= now then was = 0 end
    if known_ends <= now then known = 0 end
    was, was_ends = math.max(was, known), math.max(was_ends, known_ends)
    if was == 0 then was_ends = now + ${MINUTE_MS} end
    return was, was_ends
  end
  local standings = {}
  for index, key in ipairs(KEYS) do
    local asked = {}
    for value = 1, ${VALUES} do asked[value] = tonumber(ARGV[3 + (index - 1) * ${VALUES} + value]) end
    local rpm, tpm, most, mine, let_in, used = unpack(asked, 1, 6)
    local stored, fields = {}, redis.call('hgetall', key)
    for field = 1, #fields, 2 do stored[fields[field]] = fields[field + 1] end
    local requests, requests_end = larger(stored, 'requests', 'requests_end', asked[7], asked[8])
    local tokens, tokens_end = larger(stored, 'tokens', 'tokens_end', asked[9], asked[10])
    tokens = tokens + used
    local others = 0
    for field, said in pairs(stored) do
      local calls, at = string.match(said, '^(%d+)@(%d+)$')
      if calls and (field == me or tonumber(at) <= since) then redis.call('hdel', key, field)
      elseif calls then others = others + tonumber(calls) end
    end
    if most ~= ${NONE} then let_in = math.min(let_in, most - others - mine) end
    if rpm ~= ${NONE} then let_in = math.min(let_in, rpm - requests) end
    if let_in < 0 or (tpm ~= ${NONE} and tokens >= tpm) then let_in = 0 end
    if rpm ~= ${NONE} then requests = requests + let_in end
    if most ~= ${NONE} then mine = mine + let_in end
    if mine > 0 then redis.call('hset', key, me, text(mine) .. '@' .. text(now)) end
    redis.call('hset', key, 'requests', text(requests), 'requests_end', text(requests_end),
      'tokens', text(tokens), 'tokens_end', text(tokens_end))
    redis.call('pexpire', key, ${MINUTE_MS + BELIEVED_FOR_MS})
    standings[index] = {let_in, others + mine, requests, requests_end, tokens, tokens_end}
  end
  return standings`);

/** The books in Redis, for all instances that use it. */
export class RedisCallBooks extends CallBooks {
  private readonly me = randomUUID();
  private readonly silence = new Silence();

  constructor(
    private readonly link: RedisLink,
    private readonly clock: Clock,
  ) {
    super();
  }

  async book(enquiries: readonly CallEnquiry[]): Promise<CallStanding[]> {
    const now = this.clock.now().getTime();
    const names = enquiries.map(({ name }) => `calls:${name}`);
    const values = [now, this.silence.heardSince(now), this.me, ...enquiries.flatMap(valuesOf)];
    const replies = (await this.link.run(BOOK, names, ...values)) as number[][];
    this.silence.end(now);
    return replies.map(standingOf);
  }
}

function valuesOf({ allowance, underWay, waiting, tokens, known }: CallEnquiry): number[] {
  const { rpm, tpm, maxParallel } = allowance;
  const { requests, tokens: used } = known ?? { requests: { hits: 0, endsAt: 0 }, tokens: { hits: 0, endsAt: 0 } };
  const limits = [rpm ?? NONE, tpm ?? NONE, maxParallel ?? NONE];
  return [...limits, underWay, waiting, tokens, requests.hits, requests.endsAt, used.hits, used.endsAt];
}

function standingOf([letIn, underWay, requests, requestsEnd, tokens, tokensEnd]: number[]): CallStanding {
  return {
    letIn: letIn!,
    underWay: underWay!,
    requests: { hits: requests!, endsAt: requestsEnd! },
    tokens: { hits: tokens!, endsAt: tokensEnd! },
  };
}

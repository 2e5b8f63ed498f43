import { Clock } from '../shared/time/clock.port.js';
import { type RedisLink, RedisScript } from './redis-link.js';
import { type CountedWindow, type NamedWindow, WindowCounters } from './window-counters.port.js';

const RAISED_AT_ONCE = 500;

// A script runs alone, so that no two hits are the same one. The end is kept beside the count, because the clock is the
// service's; Redis forgets the window by its own a little later.
const READ = `
  local window = redis.call('hmget', KEYS[1], 'hits', 'ends')
  local hits, ends, now = tonumber(window[1] or 0), tonumber(window[2] or 0), tonumber(ARGV[1])
  if ends <= now then hits, ends = 0, 0 end`;
const WRITE = `
  redis.call('hset', KEYS[1], 'hits', hits, 'ends', string.format('%.0f', ends))
  redis.call('pexpire', KEYS[1], string.format('%.0f', ends - now + 1000))
  return {hits, ends}`;
const HIT = new RedisScript(`${READ}
  if ends == 0 then ends = now + tonumber(ARGV[2]) end
  hits = hits + 1${WRITE}`);
const HIT_ON_TOP_OF = new RedisScript(`${READ}
  hits, ends = math.max(hits + 1, tonumber(ARGV[2])), math.max(ends, tonumber(ARGV[3]))${WRITE}`);
const FIND = new RedisScript(`${READ}
  return {hits, ends}`);
const RAISE = new RedisScript(`${READ}
  hits, ends = math.max(hits, tonumber(ARGV[2])), math.max(ends, tonumber(ARGV[3]))${WRITE}`);
const TAKE_BACK = new RedisScript(`${READ}
  if ends ~= 0 and ends == tonumber(ARGV[2]) and hits > 0 then redis.call('hset', KEYS[1], 'hits', hits - 1) end`);
const FORGET = new RedisScript("return redis.call('del', KEYS[1])");

/** Counts in Redis, for all instances that use it. */
export class RedisWindowCounters extends WindowCounters {
  constructor(
    private readonly link: RedisLink,
    private readonly clock: Clock,
  ) {
    super();
  }

  async hit(name: string, windowSeconds: number): Promise<CountedWindow> {
    return windowOf(await this.link.run(HIT, name, this.now(), windowSeconds * 1000));
  }

  /** Counts a hit that was counted elsewhere too, and is the last one there. */
  async hitOnTopOf(name: string, { hits, endsAt }: CountedWindow): Promise<CountedWindow> {
    return windowOf(await this.link.run(HIT_ON_TOP_OF, name, this.now(), hits, endsAt));
  }

  async find(name: string): Promise<CountedWindow | null> {
    const window = windowOf(await this.link.run(FIND, name, this.now()));
    return window.endsAt === 0 ? null : window;
  }

  async takeBack(name: string, endsAt: number): Promise<void> {
    await this.link.run(TAKE_BACK, name, this.now(), endsAt);
  }

  async forget(name: string): Promise<void> {
    await this.link.run(FORGET, name);
  }

  async raise(windows: readonly NamedWindow[]): Promise<void> {
    const now = this.now();
    const open = windows.filter(({ endsAt }) => endsAt > now);
    for (let start = 0; start < open.length; start += RAISED_AT_ONCE) {
      const some = open.slice(start, start + RAISED_AT_ONCE);
      await Promise.all(some.map(({ name, hits, endsAt }) => this.link.run(RAISE, name, now, hits, endsAt)));
    }
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

function windowOf(reply: unknown): CountedWindow {
  const [hits, endsAt] = reply as [hits: number, endsAt: number];
  return { hits, endsAt };
}

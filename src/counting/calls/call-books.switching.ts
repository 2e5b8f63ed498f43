import type { Clock } from '../../shared/time/clock.port.js';
import { Rounds } from '../../shared/time/rounds.js';
import type { Movable, RedisSwitch } from '../redis-switch.js';
import { CallBooks, type CallEnquiry, type CallStanding, SAID_EVERY_MS } from './call-books.port.js';

const MOVED_AT_ONCE = 200;
const TIDIED_EVERY_MS = 60_000;

/**
 * The books in Redis, and in the database while Redis is away. Each instance brings what it knows from one to the other: what
 * it has under way, and the minutes it has seen. Where instances cannot agree for a moment, both books must let a call in.
 */
export class SwitchingCallBooks extends CallBooks implements Movable {
  /** What this instance knows of each name, as an enquiry that tells all of it. */
  private readonly known = new Map<string, CallEnquiry>();
  /** One question at a time, so that none overtakes another. */
  private turn: Promise<unknown> = Promise.resolve();
  private tidiedAt = 0;
  private heardAt = 0;
  private readonly hearing = new Rounds(async () => void (await this.books.standIn.book([])));

  constructor(
    private readonly books: { redis: CallBooks; standIn: CallBooks },
    private readonly redis: RedisSwitch,
    private readonly clock: Clock,
  ) {
    super();
    redis.moves(this);
  }

  async book(enquiries: readonly CallEnquiry[]): Promise<CallStanding[]> {
    const standings = await this.inTurn(() => this.redis.onRedis(() => this.books.redis.book(enquiries)));
    if (standings) {
      this.hearStandIn();
      return this.note(enquiries, standings);
    }
    await this.redis.movedToStandIn();
    return this.inTurn(async () => this.note(enquiries, await this.bookStandIn(enquiries)));
  }

  toStandIn(): Promise<void> {
    return this.inTurn(() => this.tell(this.books.standIn));
  }

  toRedis(): Promise<void> {
    return this.inTurn(() => this.tell(this.books.redis));
  }

  /** Books that were not asked for long believe what they were told before; these would as soon as Redis goes. Nobody waits. */
  private hearStandIn(): void {
    const now = this.clock.now().getTime();
    if (now < this.heardAt + SAID_EVERY_MS) return;
    this.heardAt = now;
    void this.hearing.now();
  }

  private async tell(books: CallBooks): Promise<void> {
    const all = [...this.known.values()];
    for (let start = 0; start < all.length; start += MOVED_AT_ONCE) {
      await books.book(all.slice(start, start + MOVED_AT_ONCE));
    }
  }

  private async bookStandIn(enquiries: readonly CallEnquiry[]): Promise<CallStanding[]> {
    const standings = await this.books.standIn.book(enquiries);
    const onTop = enquiries.map((enquiry, index) => onTopOf(standings[index]!, enquiry));
    const inRedis = await this.redis.ifItAnswers(() => this.books.redis.book(onTop));
    if (!inRedis) return standings;
    const tooMany = enquiries.flatMap((enquiry, index) =>
      inRedis[index]!.letIn < standings[index]!.letIn ? [told(enquiry, inRedis[index]!)] : [],
    );
    if (tooMany.length > 0) await this.books.standIn.book(tooMany);
    return inRedis.map((standing, index) => explainedBy(standings[index]!, standing));
  }

  private note(enquiries: readonly CallEnquiry[], standings: CallStanding[]): CallStanding[] {
    for (const [index, enquiry] of enquiries.entries()) {
      this.known.set(enquiry.name, told(enquiry, standings[index]!));
    }
    this.tidy();
    return standings;
  }

  /** What says nothing any more need not be told. */
  private tidy(): void {
    const now = this.clock.now().getTime();
    if (now < this.tidiedAt + TIDIED_EVERY_MS) return;
    this.tidiedAt = now;
    for (const [name, { underWay, known }] of this.known) {
      const isOver = known!.requests.endsAt <= now && known!.tokens.endsAt <= now;
      if (underWay === 0 && isOver) this.known.delete(name);
    }
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}

/** What one book has let in asks to be let in by the other, which learns what was counted before it. */
function onTopOf({ letIn, requests, tokens }: CallStanding, enquiry: CallEnquiry): CallEnquiry {
  const counted = enquiry.allowance.rpm === null ? 0 : letIn;
  const known = {
    requests: { ...requests, hits: requests.hits - counted },
    tokens: { ...tokens, hits: tokens.hits - enquiry.tokens },
  };
  return { ...enquiry, waiting: letIn, known };
}

/**
 * Whoever let in fewest knows why. Redis was told the minutes of the stand-in, but may not have heard yet of all the calls
 * that are under way.
 */
function explainedBy(inStandIn: CallStanding, inRedis: CallStanding): CallStanding {
  return inRedis.letIn < inStandIn.letIn ? inRedis : { ...inRedis, underWay: inStandIn.underWay };
}

/** The enquiry that tells what has come of another one, and asks for nothing. */
function told({ name, allowance, underWay }: CallEnquiry, { letIn, requests, tokens }: CallStanding): CallEnquiry {
  const begun = allowance.maxParallel === null ? 0 : letIn;
  const nothing = { rpm: null, tpm: null, maxParallel: null };
  return { name, allowance: nothing, underWay: underWay + begun, waiting: 0, tokens: 0, known: { requests, tokens } };
}

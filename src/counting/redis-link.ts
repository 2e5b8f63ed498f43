import { createHash } from 'node:crypto';
import { setImmediate as othersTurn, setTimeout as pause } from 'node:timers/promises';
import { createClient } from '@redis/client';

const RECONNECTED_AFTER_MS = 250;
const HEARTBEAT_MS = 250;
/** A Redis that takes longer than this is as good as gone: whoever waits for it would rather be counted elsewhere. */
const PATIENCE_MS = 750;

/** Within this time every instance has noticed that Redis is gone, or is back. */
export const NOTICED_WITHIN_MS = HEARTBEAT_MS + PATIENCE_MS;

/** A Lua script and the hash by which Redis knows it once it has seen it. */
export class RedisScript {
  readonly hash: string;

  constructor(readonly text: string) {
    this.hash = createHash('sha1').update(text).digest('hex');
  }
}

/** Whether Redis does what the service needs: it takes scripts, and they may write. */
const HEARTBEAT = new RedisScript("return redis.call('set', KEYS[1], ARGV[1], 'px', 10000)");

type Client = ReturnType<typeof newClient>;

/** Speaks to Redis while it is there, notices soon that it is not, and tries again until it is back. */
export class RedisLink {
  private client: Client | null = null;
  private readonly closing = new AbortController();
  private kept: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    /** What the names of all keys begin with. */
    private readonly prefix: string,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /** Keeps a connection from now on and tells of each one had, and of each lost or not to be had. */
  open(onUp: () => void, onDown: (reason: unknown) => void): void {
    this.kept = this.keep(onUp, onDown);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.hangUp();
    await this.kept;
  }

  /** Throws when Redis is away or will not. */
  async run(script: RedisScript, names: string | readonly string[], ...values: (number | string)[]): Promise<unknown> {
    if (!this.client) throw new Error('Redis is away.');
    return runOn(
      this.client,
      script,
      [names].flat().map((name) => this.prefix + name),
      values,
    );
  }

  /** Ends a connection that is of no use; another one is tried. */
  hangUp(): void {
    if (this.client?.isOpen) this.client.destroy();
  }

  private async keep(onUp: () => void, onDown: (reason: unknown) => void): Promise<void> {
    while (!this.closing.signal.aborted) {
      const client = newClient(this.url, this.patienceMs);
      const lost = new Promise<unknown>((resolve) => client.on('error', resolve));
      try {
        await this.inTime(client.connect());
        await this.inTime(this.beat(client));
        this.client = client;
        onUp();
        throw await Promise.race([lost, this.untilSilent(client)]);
      } catch (reason) {
        this.client = null;
        if (client.isOpen) client.destroy();
        if (!this.closing.signal.aborted) onDown(reason);
      }
      await this.pause(RECONNECTED_AFTER_MS).catch(() => undefined);
    }
  }

  /** Resolves with the reason when Redis does not answer any more. */
  private async untilSilent(client: Client): Promise<unknown> {
    try {
      for (;;) {
        await this.pause(HEARTBEAT_MS);
        await this.inTime(this.beat(client));
      }
    } catch (reason) {
      return reason;
    }
  }

  /** Rejects when the link is being closed. */
  private pause(milliseconds: number): Promise<void> {
    return pause(milliseconds, undefined, { signal: this.closing.signal });
  }

  private async inTime<T>(work: Promise<T>): Promise<T> {
    const stop = new AbortController();
    const late = pause(this.patienceMs, undefined, { signal: stop.signal }).then(async () => {
      // A process that stood still itself finds the answer, if there is one, before its next turn.
      await othersTurn();
      throw new Error('Redis does not answer.');
    });
    late.catch(() => undefined);
    try {
      return await Promise.race([work, late]);
    } finally {
      stop.abort();
    }
  }

  private beat(client: Client): Promise<unknown> {
    return runOn(client, HEARTBEAT, [`${this.prefix}heartbeat`], [Date.now()]);
  }
}

async function runOn(
  client: Client,
  { hash, text }: RedisScript,
  keys: string[],
  values: (number | string)[],
): Promise<unknown> {
  const options = { keys, arguments: values.map(String) };
  try {
    return await client.evalSha(hash, options);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return client.eval(text, options);
  }
}

function newClient(url: string, connectTimeout: number) {
  return createClient({
    url,
    RESP: 2,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    socket: { reconnectStrategy: false, connectTimeout },
  });
}

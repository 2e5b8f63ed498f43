import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Cipher } from '../../shared/secrets/cipher.port.js';
import { LOGGER } from '../../shared/tokens.js';
import type { KeyLimits } from '../client-keys/client-key.entity.js';
import type { ClientKey } from '../proxy/access/client-key-directory.port.js';
import { type ClientKeyRow, GatewayState, type UpstreamRow } from './gateway-state.reports.js';
import { KnownUpstream } from './known-upstream.js';

const REFRESHED_EVERY_MS = 500;
/** However many unknown keys come, the database is not asked more often than this. */
const LOOKED_AGAIN_AFTER_MS = 50;

/** A client key as it is kept in memory. */
export interface KnownClientKey extends ClientKey {
  readonly keyHash: string;
  readonly limits: KeyLimits;
}

/**
 * All client keys and upstreams in memory, so that no request waits for the database. Changes that other instances make
 * are seen within half a second. While the database cannot be read, what was last seen stays in force.
 */
@Injectable()
export class GatewayPicture implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly keys = new Map<number, KnownClientKey>();
  private readonly keysByHash = new Map<string, KnownClientKey>();
  private readonly upstreams = new Map<number, KnownUpstream>();
  private lastChange = 0;
  private refreshing: Promise<void> = Promise.resolve();
  private next: Promise<void> | null = null;
  private looking: Promise<void> | null = null;
  private isFailing = false;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly state: GatewayState,
    private readonly cipher: Cipher,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.refresh();
    this.timer = setInterval(() => void this.tryToRefresh(), REFRESHED_EVERY_MS).unref();
  }

  /** The database closes after this: nothing may be under way then. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.refreshing;
  }

  keyByHash(keyHash: string): KnownClientKey | undefined {
    return this.keysByHash.get(keyHash);
  }

  keyById(id: number): KnownClientKey | undefined {
    return this.keys.get(id);
  }

  get hasUpstreams(): boolean {
    return [...this.upstreams.values()].some((upstream) => upstream.isActive);
  }

  upstream(id: number): KnownUpstream | undefined {
    return this.upstreams.get(id);
  }

  /** Where a removed upstream and a present one have the same name, the present one. */
  upstreamNamed(name: string): KnownUpstream | undefined {
    let removed: KnownUpstream | undefined;
    for (const upstream of this.upstreams.values()) {
      if (upstream.name !== name) continue;
      if (!upstream.isRemoved) return upstream;
      removed = upstream;
    }
    return removed;
  }

  /** Resolves when all that was committed before the call is seen. Throws when the database cannot be read. */
  refresh(): Promise<void> {
    if (this.next) return this.next;
    const refreshed = this.refreshing.then(() => {
      this.next = null;
      return this.read();
    });
    this.next = refreshed;
    this.refreshing = refreshed.catch(() => undefined);
    return refreshed;
  }

  /** For keys that are not known here: somebody may have issued one on another instance just now. */
  lookAgain(): Promise<void> {
    this.looking ??= pause(LOOKED_AGAIN_AFTER_MS).then(() => {
      this.looking = null;
      return this.tryToRefresh();
    });
    return this.looking;
  }

  private async tryToRefresh(): Promise<void> {
    try {
      await this.refresh();
      if (this.isFailing) this.logger.info('The gateway reads its keys and upstreams again.');
      this.isFailing = false;
    } catch (err) {
      if (!this.isFailing) {
        this.logger.error({ err }, 'The gateway cannot read its keys and upstreams. Those known so far stay in force.');
      }
      this.isFailing = true;
    }
  }

  private async read(): Promise<void> {
    const change = await this.state.lastChange();
    const [keys, upstreams] = [
      change > this.lastChange ? await this.state.clientKeysSince(this.lastChange) : [],
      await this.state.upstreams(),
    ];
    for (const key of keys) this.takeKey(key);
    for (const upstream of upstreams) this.takeUpstream(upstream);
    this.lastChange = change;
  }

  private takeKey({ revokedAt, ...row }: ClientKeyRow): void {
    const key = { ...row, isActive: revokedAt === null };
    this.keys.set(key.id, key);
    this.keysByHash.set(key.keyHash, key);
  }

  private takeUpstream(row: UpstreamRow): void {
    if (!this.upstreams.get(row.id)?.isLike(row)) this.upstreams.set(row.id, new KnownUpstream(row, this.cipher));
  }
}

import { type Call, CallLedger } from '../../src/gateway/proxy/call-ledger.port.js';
import { CallPrices } from '../../src/gateway/proxy/call-prices.port.js';
import { type Admission, CallLimits } from '../../src/gateway/proxy/call-limits.port.js';
import type { CallRequest } from '../../src/gateway/proxy/requests/call-request.js';
import { type ClientKey, ClientKeyDirectory } from '../../src/gateway/proxy/access/client-key-directory.port.js';
import { KeyUsage } from '../../src/gateway/proxy/key-usage.port.js';
import { type Upstream, UpstreamDirectory } from '../../src/gateway/proxy/access/upstream-directory.port.js';
import type { NanoUsd } from '../../src/shared/money.js';
import { fingerprint, newSecret } from '../../src/shared/secrets/secret.js';

export class MemoryClientKeyDirectory extends ClientKeyDirectory {
  private readonly keys = new Map<string, ClientKey>();

  find(keyHash: string): ClientKey | Promise<null> {
    return this.keys.get(keyHash) ?? Promise.resolve(null);
  }

  /** Issues a key and returns its secret. */
  issue(key: Partial<ClientKey> & { upstreamIds: readonly number[] }): string {
    const secret = `sk-auto-${newSecret()}`;
    const id = this.keys.size + 1;
    this.keys.set(fingerprint(secret), { id, name: `key ${id}`, isActive: true, expiresAt: null, ...key });
    return secret;
  }
}

export class MemoryUpstreamDirectory extends UpstreamDirectory {
  private readonly upstreams = new Map<number, Upstream>();

  find(id: number): Upstream | null {
    return this.upstreams.get(id) ?? null;
  }

  findByName(name: string): Upstream | null {
    const named = [...this.upstreams.values()].filter((upstream) => upstream.name === name);
    return named.find(({ isActive }) => isActive) ?? named[0] ?? null;
  }

  /** Adds an upstream, or replaces the one of the same id. */
  put(upstream: Partial<Upstream> & { baseUrl: string }): Upstream {
    const id = upstream.id ?? this.upstreams.size + 1;
    const usual = { name: `upstream-${id}`, provider: 'openai', timeoutSeconds: 60, isDefault: false, isActive: true };
    const complete = { ...usual, credential: () => `sk-upstream-${id}`, ...upstream, id };
    this.upstreams.set(id, complete);
    return complete;
  }
}

/** Keeps every call; a spec can wait for them. */
export class MemoryCallLedger extends CallLedger {
  readonly calls: Call[] = [];
  private waiting: (() => void)[] = [];

  begin(): void {}

  record(call: Call): void {
    this.calls.push(call);
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** The calls so far, as soon as there are `count` of them. */
  async atLeast(count: number): Promise<Call[]> {
    while (this.calls.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.calls;
  }
}

/** Knows no price, unless a spec names one. */
export class MemoryCallPrices extends CallPrices {
  cost: NanoUsd | null = null;

  costOf(): NanoUsd | null {
    return this.cost;
  }
}

/** Lets everything pass, unless a spec says what to throw; notes who asked and what was settled. */
export class MemoryCallLimits extends CallLimits {
  readonly asked: CallRequest[] = [];
  readonly settled: Call[] = [];
  refusal: Error | null = null;

  async admit(_key: ClientKey, _upstream: Upstream, request: CallRequest): Promise<Admission> {
    this.asked.push(request);
    if (this.refusal) throw this.refusal;
    return { settle: (call) => (this.settled.push(call), null) };
  }
}

export class MemoryKeyUsage extends KeyUsage {
  async of(key: ClientKey): Promise<object> {
    return { name: key.name, total_requests: 7 };
  }
}

import type { ClientKey } from './client-key-directory.port.js';
import { ProxyRefusal } from '../refusals/proxy-refusal.js';
import type { Upstream, UpstreamDirectory } from './upstream-directory.port.js';

/** Decides which upstream serves a request. */
export class UpstreamChoice {
  constructor(private readonly upstreams: UpstreamDirectory) {}

  /** The one that the request names, or else the default one if the key may use it, or else the key's first. */
  choose(key: ClientKey, name: string | null): Upstream {
    return name === null ? this.usual(key) : this.named(key, name);
  }

  /** What this key may use now, in the order in which it was granted. */
  usableBy(key: ClientKey): Upstream[] {
    const usable: Upstream[] = [];
    for (const id of key.upstreamIds) {
      const upstream = this.upstreams.find(id);
      if (upstream?.isActive) usable.push(upstream);
    }
    return usable;
  }

  private named(key: ClientKey, name: string): Upstream {
    const upstream = this.upstreams.findByName(name);
    if (!upstream) {
      throw new ProxyRefusal(400, 'upstream_not_found', 'No upstream has the name in X-Upstream-Name. Correct it.');
    }
    if (!key.upstreamIds.includes(upstream.id)) throw forbidden();
    if (!upstream.isActive) throw unavailable();
    return upstream;
  }

  private usual(key: ClientKey): Upstream {
    const usable = this.usableBy(key);
    const chosen = usable.find((upstream) => upstream.isDefault) ?? usable[0];
    if (!chosen) throw key.upstreamIds.length > 0 ? unavailable() : forbidden();
    return chosen;
  }
}

function forbidden(): ProxyRefusal {
  return new ProxyRefusal(403, 'forbidden', 'This client key may not use that upstream. Ask an admin to grant it.');
}

/** Also where an upstream's secret cannot be read. */
export function unavailable(): ProxyRefusal {
  return new ProxyRefusal(
    503,
    'service_unavailable',
    'This upstream is not available now. Ask an admin, or name another.',
  );
}

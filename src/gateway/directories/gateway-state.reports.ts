import type { IssuedClientKey } from '../client-keys/client-key.entity.js';

/** What of a client key is needed for each request; `keyHash` finds it. */
export type ClientKeyRow = Pick<
  IssuedClientKey,
  'id' | 'name' | 'keyHash' | 'upstreamIds' | 'expiresAt' | 'revokedAt' | 'limits'
>;

/** What of an upstream is needed for each request. */
export interface UpstreamRow {
  id: number;
  name: string;
  provider: string;
  baseUrl: string;
  timeoutSeconds: number;
  isDefault: boolean;
  /** Neither switched off nor removed, and a registered key that it uses is there and alive. */
  isUsable: boolean;
  isRemoved: boolean;
  /** The sealed secret and where it belongs; null where there is none any more. */
  secret: { sealed: string; table: 'upstreams' | 'api_keys'; id: number } | null;
}

/** The state of the gateway as it stands in the database, for those who keep a picture of it in memory. */
export abstract class GatewayState {
  /** The number of the last change that was made to client keys, on any instance. */
  abstract lastChange(): Promise<number>;

  /** Within a unit of work: counts one change more and returns its number. Units that do so run one after another. */
  abstract nextChange(): Promise<number>;

  /** The keys that were changed after that change. */
  abstract clientKeysSince(change: number): Promise<ClientKeyRow[]>;

  /** Removed ones included. */
  abstract upstreams(): Promise<UpstreamRow[]>;
}

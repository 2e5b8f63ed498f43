/** What the gateway must know of a client key to serve a request with it. */
export interface ClientKey {
  readonly id: number;
  readonly name: string;
  /** False once it is revoked. */
  readonly isActive: boolean;
  readonly expiresAt: Date | null;
  /** The upstreams it may use; the first that works serves requests that name none, unless it may use the default one. */
  readonly upstreamIds: readonly number[];
}

/** Every client key ever issued, by the SHA-256 of its secret. Asked for each request. */
export abstract class ClientKeyDirectory {
  /** Answers at once from memory for a key that is known; for another one it makes sure that there is none. */
  abstract find(keyHash: string): ClientKey | Promise<ClientKey | null>;
}

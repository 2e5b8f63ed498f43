/** Somewhere to send requests to. */
export interface Upstream {
  readonly id: number;
  readonly name: string;
  /** `anthropic` takes its key as `x-api-key`, every other provider as `Authorization: Bearer`. */
  readonly provider: string;
  readonly baseUrl: string;
  /** How long it may take to answer, and how long a stream may be silent. */
  readonly timeoutSeconds: number;
  readonly isDefault: boolean;
  /** False when it is switched off or deleted. */
  readonly isActive: boolean;
  /** The key in clear text. Throws when it cannot be decrypted; the request is then refused. */
  credential(): string;
}

/**
 * The upstreams, those that were switched off or deleted included. Asked for each request: it answers from memory, with
 * the same objects until they change.
 */
export abstract class UpstreamDirectory {
  abstract find(id: number): Upstream | null;

  /** Where a deleted upstream and a present one have the same name, the present one. */
  abstract findByName(name: string): Upstream | null;
}

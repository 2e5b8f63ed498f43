import { AsyncLocalStorage } from 'node:async_hooks';

/** What code far from HTTP may know of the request it serves. */
export interface CurrentRequest {
  readonly id: string;
  /** Whom the request comes from, proxies that are not trusted aside. */
  readonly ip: string;
  /** The person behind it, from the moment a guard knows. */
  readonly principal?: { readonly id: number };
  /** It came with the ADMIN_TOKEN, which is no person's. */
  readonly isOperator?: boolean;
}

/** The request that the code at hand serves; nothing is there in jobs and commands. */
export const currentRequest = new AsyncLocalStorage<CurrentRequest>();

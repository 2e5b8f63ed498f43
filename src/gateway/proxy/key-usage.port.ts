import type { ClientKey } from './access/client-key-directory.port.js';

/** What the holder of a client key may know about it: its own totals and limits. */
export abstract class KeyUsage {
  /** The answer as it goes out: snake_case, amounts as `Usd`. */
  abstract of(key: ClientKey): Promise<object>;
}

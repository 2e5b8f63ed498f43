import type { Clock } from '../../../shared/time/clock.port.js';
import { fingerprint } from '../../../shared/secrets/secret.js';
import type { ClientKey, ClientKeyDirectory } from './client-key-directory.port.js';
import { ProxyRefusal } from '../refusals/proxy-refusal.js';

const FORM = /^sk-auto-[\w-]{43}$/;

/** Tells whose client key a request carries. */
export class ClientAuthentication {
  constructor(
    private readonly keys: ClientKeyDirectory,
    private readonly clock: Clock,
  ) {}

  /** At once for a known key. Throws a 401 that says what is wrong with the key, and never which part of it. */
  authenticate(secret: string | null): ClientKey | Promise<ClientKey> {
    if (secret === null) {
      throw denied('missing_api_key', 'A client key is needed. Send it as Authorization: Bearer or as x-api-key.');
    }
    const found = FORM.test(secret) ? this.keys.find(fingerprint(secret)) : null;
    return found instanceof Promise ? found.then((key) => this.admit(key)) : this.admit(found);
  }

  private admit(key: ClientKey | null): ClientKey {
    if (!key?.isActive) throw denied('invalid_api_key', 'This client key is not valid. Ask an admin for another one.');
    if (key.expiresAt && key.expiresAt <= this.clock.now()) {
      throw denied('api_key_expired', 'This client key has expired. Ask an admin for another one.');
    }
    return key;
  }
}

function denied(code: string, message: string): ProxyRefusal {
  return new ProxyRefusal(401, code, message, ['www-authenticate', 'Bearer']);
}

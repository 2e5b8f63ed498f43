import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { CannotOpen, Cipher, type SecretPlace } from './cipher.port.js';

const ALGORITHM = 'aes-256-gcm';
const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM. A sealed text reads `v1.<key id>.<nonce, ciphertext and tag in base64url>`; the version, the key id
 * and the place are authenticated with it.
 */
export class AesCipher extends Cipher {
  readonly keyId: string;
  private readonly keys = new Map<string, Buffer>();

  /** `current` seals; `previous` ones only open. Each has 32 bytes. */
  constructor(
    private readonly current: Buffer,
    previous: Buffer[] = [],
  ) {
    super();
    this.keyId = keyIdFor(current);
    for (const key of [...previous, current]) this.keys.set(keyIdFor(key), key);
  }

  seal(secret: string, place: SecretPlace): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.current, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(boundTo(this.keyId, place));
    const sealed = Buffer.concat([nonce, cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${this.keyId}.${sealed.toString('base64url')}`;
  }

  open(sealed: string, place: SecretPlace): string {
    const [version, keyId = '', body = ''] = sealed.split('.');
    const key = this.keys.get(keyId);
    const bytes = Buffer.from(body, 'base64url');
    if (version !== VERSION || !key || bytes.length < NONCE_BYTES + TAG_BYTES) throw new CannotOpen(place);
    try {
      const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(boundTo(keyId, place));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch {
      throw new CannotOpen(place);
    }
  }

  keyIdOf(sealed: string): string {
    return sealed.split('.')[1] ?? '';
  }
}

/** The first 8 hex characters of a hash of the key: tells keys apart and gives nothing of them away. */
function keyIdFor(key: Buffer): string {
  return createHash('sha256').update('key-id:').update(key).digest('hex').slice(0, 8);
}

function boundTo(keyId: string, place: SecretPlace): Buffer {
  return Buffer.from(`${VERSION}.${keyId}:${place.table}:${place.id}:${place.column}`);
}

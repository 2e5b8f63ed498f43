/** Where a secret is stored. A sealed secret opens nowhere else. */
export interface SecretPlace {
  table: string;
  id: number;
  column: string;
}

/** Seals secrets that must be read again: the API keys that people entrust to this service. */
export abstract class Cipher {
  /** The id of the key that seals now. It is part of every sealed text. */
  abstract readonly keyId: string;

  abstract seal(secret: string, place: SecretPlace): string;

  /** Throws CannotOpen when the text was changed, belongs to another place, or its key is not at hand. */
  abstract open(sealed: string, place: SecretPlace): string;

  /** The id of the key that sealed this text. */
  abstract keyIdOf(sealed: string): string;
}

/** A stored secret cannot be read: it was tampered with, or the encryption key that sealed it is not configured. */
export class CannotOpen extends Error {
  constructor(readonly place: SecretPlace) {
    super(`The secret in ${place.table}.${place.column}, row ${place.id}, cannot be decrypted.`);
    this.name = 'CannotOpen';
  }
}

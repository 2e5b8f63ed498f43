import { type EntityManager, defineEntity, p } from '@mikro-orm/core';
import { CannotOpen, type Cipher } from '../shared/secrets/cipher.port.js';
import { InvalidSetting } from '../shared/config.js';

const PLACE = { table: 'encryption_check', id: 1, column: 'sealed' };
const KNOWN_TEXT = 'openrouter-monitor';

/** A known text, sealed when the database was made: whoever opens it has the right ENCRYPTION_KEY. */
export class EncryptionCheck {
  constructor(
    readonly id: number,
    public sealed: string,
  ) {}
}

export const EncryptionCheckTable = defineEntity({
  class: EncryptionCheck,
  tableName: PLACE.table,
  properties: {
    id: p.integer().primary().autoincrement(false),
    sealed: p.string().length(200),
  },
});

/**
 * Throws InvalidSetting if the database was made with another ENCRYPTION_KEY, before anything in it is touched.
 * Writes nothing; a database without tables passes.
 */
export async function refuseForeignDatabase(em: EntityManager, cipher: Cipher, hasTables: boolean): Promise<void> {
  if (!hasTables) return;
  const check = await em.fork().findOne(EncryptionCheck, PLACE.id);
  try {
    if (check) cipher.open(check.sealed, PLACE);
  } catch (error) {
    if (!(error instanceof CannotOpen)) throw error;
    throw new InvalidSetting(
      'ENCRYPTION_KEY',
      'is not the key that this database was encrypted with. Set the right one, or add it to ENCRYPTION_KEYS_PREVIOUS.',
    );
  }
}

/**
 * Leaves the known text behind for the next start. One that is there stays as it is: it is sealed anew last of all when
 * the encryption key is changed, so that the old key cannot be left out before every secret has the new one.
 */
export async function markAsOurs(em: EntityManager, cipher: Cipher): Promise<void> {
  await em.fork().transactional(async (fork) => {
    const check = await fork.findOne(EncryptionCheck, PLACE.id);
    if (!check) fork.persist(new EncryptionCheck(PLACE.id, cipher.seal(KNOWN_TEXT, PLACE)));
  });
}

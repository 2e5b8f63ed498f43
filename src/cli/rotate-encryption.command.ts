import { SqlEntityManager } from '@mikro-orm/sql';
import { CHECK_COLUMN, SEALED_COLUMNS, type SealedColumn } from '../database/sealed-columns.js';
import { AuditLog } from '../shared/audit.port.js';
import { CannotOpen, Cipher } from '../shared/secrets/cipher.port.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';
import { type Command, CommandFailed } from './command.js';

/** Secrets in one unit of work: few enough that a service beside it hardly waits. */
const BATCH = 50;

/** Secrets are sealed by the service too: one that it changed meanwhile is looked at again, but not for ever. */
const MOST_PASSES = 5;

export const rotateEncryption: Command = {
  name: 'keys:rotate-encryption',
  parameters: [],
  summary: 'Seal every stored secret with the current ENCRYPTION_KEY. It may be stopped and started again.',
  async run(context) {
    const cipher = await context.part(Cipher);
    const rotation = new Rotation(await context.part(SqlEntityManager), await context.part(UnitOfWork), cipher);
    for (const place of SEALED_COLUMNS) await rotation.sealAll(place);
    const { sealed, locked } = rotation;
    if (locked.length === 0) await rotation.sealAll(CHECK_COLUMN);
    const audit = await context.part(AuditLog);
    const event = { action: 'encryption.rotated', target: `key:${cipher.keyId}`, actor: 'operator' };
    if (sealed > 0) await (await context.part(UnitOfWork)).run(() => audit.record(event));
    const counts = `${sealed} secrets were sealed with the key ${cipher.keyId}`;
    if (locked.length === 0) return `${counts}; no other key is needed any more.`;
    throw new CommandFailed(
      `${counts}; ${locked.length} cannot be opened with the keys at hand: ${locked.slice(0, 20).join(', ')}. ` +
        'Add the key that sealed them to ENCRYPTION_KEYS_PREVIOUS and run this again.',
    );
  },
};

/** Seals secrets with the current key, row by row, each only if it is still what was read. */
class Rotation {
  sealed = 0;
  /** Rows whose secret could not be opened or was changed again and again. */
  readonly locked: string[] = [];

  constructor(
    private readonly em: SqlEntityManager,
    private readonly unitOfWork: UnitOfWork,
    private readonly cipher: Cipher,
  ) {}

  async sealAll(place: SealedColumn): Promise<void> {
    let left = new Set<number>();
    for (let pass = 0; pass < MOST_PASSES; pass++) {
      left = await this.pass(place);
      if (left.size === 0) break;
    }
    for (const id of left) this.locked.push(`${place.table} row ${id}`);
  }

  /** Returns the rows that still need another key. */
  private async pass(place: SealedColumn): Promise<Set<number>> {
    const left = new Set<number>();
    for (let last: number | null = 0; last !== null;) {
      const after: number = last;
      last = await this.unitOfWork.run(() => this.batch(place, after, left));
    }
    return left;
  }

  /** Returns the last id that it looked at; null if there was none. */
  private async batch(place: SealedColumn, after: number, left: Set<number>): Promise<number | null> {
    const { table, column } = place;
    const rows = await this.em.execute<{ id: number; sealed: string }[]>(
      `select id, ${column} as sealed from ${table} where id > ? and ${column} is not null order by id limit ${BATCH}`,
      [after],
    );
    for (const { id, sealed } of rows) {
      if (this.cipher.keyIdOf(sealed) === this.cipher.keyId) continue;
      if (await this.sealOne({ ...place, id }, sealed)) this.sealed++;
      else left.add(id);
    }
    return rows.at(-1)?.id ?? null;
  }

  private async sealOne(place: SealedColumn & { id: number }, sealed: string): Promise<boolean> {
    const { table, column, id } = place;
    const fresh = this.reseal(place, sealed);
    if (!fresh) return false;
    const changed = await this.em.execute<unknown[]>(
      `update ${table} set ${column} = ? where id = ? and ${column} = ? returning id`,
      [fresh, id, sealed],
    );
    return changed.length > 0;
  }

  private reseal(place: SealedColumn & { id: number }, sealed: string): string | null {
    try {
      return this.cipher.seal(this.cipher.open(sealed, place), place);
    } catch (error) {
      if (error instanceof CannotOpen) return null;
      throw error;
    }
  }
}

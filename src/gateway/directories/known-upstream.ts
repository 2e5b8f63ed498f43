import type { Cipher } from '../../shared/secrets/cipher.port.js';
import type { Upstream } from '../proxy/access/upstream-directory.port.js';
import type { UpstreamRow } from './gateway-state.reports.js';

/** An upstream as it is kept in memory. Its secret is opened when it is first needed. */
export class KnownUpstream implements Upstream {
  readonly id: number;
  readonly name: string;
  readonly provider: string;
  readonly baseUrl: string;
  readonly timeoutSeconds: number;
  readonly isDefault: boolean;
  readonly isActive: boolean;
  readonly isRemoved: boolean;
  private opened: string | null = null;

  constructor(
    private readonly row: UpstreamRow,
    private readonly cipher: Cipher,
  ) {
    this.id = row.id;
    this.name = row.name;
    this.provider = row.provider;
    this.baseUrl = row.baseUrl;
    this.timeoutSeconds = row.timeoutSeconds;
    this.isDefault = row.isDefault;
    this.isActive = row.isUsable;
    this.isRemoved = row.isRemoved;
  }

  /** Whether it says the same as a row that was just read. */
  isLike(row: UpstreamRow): boolean {
    return JSON.stringify(this.row) === JSON.stringify(row);
  }

  credential(): string {
    return (this.opened ??= this.open());
  }

  private open(): string {
    const { secret } = this.row;
    if (!secret) throw new Error(`The upstream ${this.id} has no secret.`);
    return this.cipher.open(secret.sealed, { table: secret.table, id: secret.id, column: 'sealed_secret' });
  }
}

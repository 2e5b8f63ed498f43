/** A column that holds sealed secrets, in a table whose rows have a numeric id. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
}

/** Every column that holds somebody's sealed secrets: what a change of the encryption key seals anew. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'api_keys', column: 'sealed_secret' },
  { table: 'upstreams', column: 'sealed_secret' },
];

/** The known text by which a start tells whether it has the right key: sealed anew when no secret needs another any more. */
export const CHECK_COLUMN: SealedColumn = { table: 'encryption_check', column: 'sealed' };

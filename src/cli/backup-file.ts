import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { link, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { pipeline as flow } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { CommandFailed } from './command.js';
import type { PortableRow } from './portable-table.js';

const FORMAT = 'openrouter-monitor-backup';
const VERSION = 1;

/** What tells databases of different versions of the service apart. */
export interface DatabaseVersion {
  readonly database: 'sqlite' | 'postgresql';
  /** The migrations that have made it. Each kind of database has its own. */
  readonly migrations: readonly string[];
  /** The columns of each table. */
  readonly tables: Record<string, readonly string[]>;
}

/** The first line of a backup: what it is and what it takes to read it. */
export interface BackupHeader extends DatabaseVersion {
  readonly format: typeof FORMAT;
  readonly version: typeof VERSION;
  readonly created_at: string;
  readonly encryption_key_id: string;
}

/** Each line in between: a row of a table. */
export interface BackupRow {
  readonly table: string;
  readonly row: PortableRow;
}

/** The last line: shows that the file is whole and as it was written. */
interface BackupEnd {
  readonly rows: Record<string, number>;
  readonly sha256: string;
}

/** How many rows of each table a backup has. */
export type RowCounts = Record<string, number>;

export function headerOf(fields: Omit<BackupHeader, 'format' | 'version'>): BackupHeader {
  return { format: FORMAT, version: VERSION, ...fields };
}

/** Writes a new file that only its owner may read; it has its name when it is whole. Never overwrites one. */
export async function writeBackup(
  path: string,
  header: BackupHeader,
  rows: AsyncIterable<BackupRow>,
): Promise<RowCounts> {
  const counts: RowCounts = Object.fromEntries(Object.keys(header.tables).map((table) => [table, 0]));
  const unfinished = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    const file = createWriteStream(unfinished, { flags: 'wx', mode: 0o600, flush: true });
    await flow(linesOf(header, rows, counts), createGzip(), file);
    await link(unfinished, path);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw new CommandFailed(whyNotWritten(path, error));
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
  return counts;
}

async function* linesOf(header: BackupHeader, rows: AsyncIterable<BackupRow>, counts: RowCounts) {
  const hash = createHash('sha256');
  const line = (content: object) => {
    const text = `${JSON.stringify(content)}\n`;
    hash.update(text);
    return text;
  };
  yield line(header);
  for await (const row of rows) {
    counts[row.table]!++;
    yield line(row);
  }
  const end: BackupEnd = { rows: counts, sha256: hash.copy().digest('hex') };
  yield line(end);
}

function whyNotWritten(path: string, error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  if (code === 'EEXIST') return `${path} exists already. Choose another name, or move it away.`;
  return `${path} cannot be written (${String(code)}). Choose another place.`;
}

/**
 * The rows of a backup, in the order in which they were written. Throws CommandFailed when the file is no backup, and,
 * at the latest after the last row, when it is not whole or was changed.
 */
export async function* readBackup(path: string, check: (header: BackupHeader) => void): AsyncGenerator<BackupRow> {
  const hash = createHash('sha256');
  const counts: RowCounts = {};
  let isFirst = true;
  let end: BackupEnd | undefined;
  for await (const line of linesIn(path)) {
    if (end) throw damaged(path);
    const content = parse(path, line);
    if ('sha256' in content) {
      end = content as unknown as BackupEnd;
      continue;
    }
    hash.update(`${line}\n`);
    if (isFirst) {
      check(headerFrom(path, content));
      isFirst = false;
    } else {
      const row = content as unknown as BackupRow;
      counts[row.table] = (counts[row.table] ?? 0) + 1;
      yield row;
    }
  }
  const isWhole =
    end?.sha256 === hash.digest('hex') &&
    Object.entries(end.rows).every(([table, rows]) => rows === (counts[table] ?? 0));
  if (!isWhole) throw damaged(path);
}

function headerFrom(path: string, content: object): BackupHeader {
  const header = content as Partial<BackupHeader>;
  if (header.format !== FORMAT) throw new CommandFailed(`${path} is not a backup of this service.`);
  if (header.version !== VERSION) {
    throw new CommandFailed(
      `${path} has the format ${String(header.version)}; this version reads ${VERSION}. Use a newer version.`,
    );
  }
  return header as BackupHeader;
}

async function* linesIn(path: string): AsyncGenerator<string> {
  const text = createGunzip();
  // What goes wrong while reading ends the text with the same error.
  pipeline(createReadStream(path), text, () => {});
  text.setEncoding('utf8');
  let rest = '';
  try {
    for await (const part of text as AsyncIterable<string>) {
      const lines = (rest + part).split('\n');
      rest = lines.pop()!;
      yield* lines;
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
      throw new CommandFailed(`${path} cannot be read (${code}).`);
    throw damaged(path);
  }
  if (rest !== '') throw damaged(path);
}

function parse(path: string, line: string): object {
  try {
    return JSON.parse(line) as object;
  } catch {
    throw damaged(path);
  }
}

function damaged(path: string): CommandFailed {
  return new CommandFailed(`${path} is damaged or not whole. Nothing was changed; take another backup.`);
}

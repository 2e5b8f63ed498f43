import { closeSync, openSync } from 'node:fs';
import Database, { type Statement } from 'better-sqlite3';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  type QueryCompiler,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
  SqliteQueryCompiler,
  type TransactionSettings,
} from 'kysely';
import { outliveFailedTransactions } from './failed-transactions.js';
import { LogSync, unsynced } from './sqlite-sync.js';

/** How many prepared statements are kept; the service has fewer different ones that take parameters. */
const KEPT_STATEMENTS = 500;

/**
 * SQLite as this service wants it: every acknowledged write is on the disk (WAL, synchronous=FULL), foreign keys hold,
 * a transaction takes the write lock when it begins, and statements with parameters are prepared once.
 *
 * A lock held by another process is waited for by UnitOfWork, without blocking the event loop as busy_timeout would.
 */
export class MonitorSqliteDialect extends SqliteDialect {
  constructor(private readonly path: string) {
    super({ database: async () => openDatabase(path) });
  }

  override createDriver(): Driver {
    return new ImmediateDriver(this.path, {
      database: async () => openDatabase(this.path),
      onCreateConnection: outliveFailedTransactions,
    });
  }

  override createQueryCompiler(): QueryCompiler {
    return new SteadyQueryCompiler();
  }
}

/**
 * Writes parameters so that SQLite plans without looking at their values. Where it has looked at one, it compiles the
 * statement anew whenever that changes, which takes longer than running it: so it does with statistics of `analyze`, and
 * with joins even without.
 */
class SteadyQueryCompiler extends SqliteQueryCompiler {
  protected override getCurrentParameterPlaceholder(): string {
    return '+?';
  }
}

/** Opens the file with the settings that SQLite forgets when a connection closes. */
export function openDatabase(path: string): Database.Database {
  if (path !== ':memory:') makeForNobodyElse(path);
  const database = new Database(path, { timeout: 0 });
  database.pragma('busy_timeout = 50');
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  return keepStatements(database);
}

/** SQLite would make it as the umask says, and gives its log the rights of the file. One that is there keeps its own. */
function makeForNobodyElse(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch {
    // It is there, or it cannot be made, which SQLite says better.
  }
}

class ImmediateDriver extends SqliteDriver {
  private readonly logSync: LogSync;
  private isUnsynced = false;

  constructor(path: string, config: SqliteDialectConfig) {
    super(config);
    this.logSync = new LogSync(path);
  }

  override async beginTransaction(
    connection: DatabaseConnection,
    { accessMode }: TransactionSettings = {},
  ): Promise<void> {
    // There is one connection, so that whatever is set here holds for this transaction alone.
    if (unsynced.getStore()) {
      await connection.executeQuery(CompiledQuery.raw('pragma synchronous = NORMAL'));
      this.isUnsynced = true;
    }
    // Who only reads keeps nobody from writing.
    await connection.executeQuery(CompiledQuery.raw(accessMode === 'read only' ? 'begin' : 'begin immediate'));
  }

  override async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await super.commitTransaction(connection);
    if (this.isUnsynced) this.logSync.soon();
    await this.beSynced(connection);
  }

  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await super.rollbackTransaction(connection);
    await this.beSynced(connection);
  }

  private async beSynced(connection: DatabaseConnection): Promise<void> {
    if (!this.isUnsynced) return;
    this.isUnsynced = false;
    await connection.executeQuery(CompiledQuery.raw('pragma synchronous = FULL'));
  }
}

/** MikroORM writes values into the text, so that no text comes twice: only statements with parameters are worth keeping. */
function keepStatements(database: Database.Database): Database.Database {
  const prepare = database.prepare.bind(database);
  const kept = new Map<string, Statement>();
  database.prepare = ((sql: string) => {
    if (!sql.includes('?')) return prepare(sql);
    const known = kept.get(sql);
    if (known && !known.busy) return known;
    const statement = prepare(sql);
    if (kept.size >= KEPT_STATEMENTS) kept.delete(kept.keys().next().value!);
    kept.set(sql, statement);
    return statement;
  }) as typeof database.prepare;
  return database;
}

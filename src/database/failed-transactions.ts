import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';

const BEGIN = /^(begin|start transaction)\b/;
const NOTHING: QueryResult<never> = { rows: [] };

/**
 * Kysely keeps a connection for ever when its `begin` or `rollback` fails: a SQLite file that another process has
 * locked, a PostgreSQL server that restarts. Here a transaction that could not begin fails with its first statement
 * instead, and a rollback never fails: what has no connection or no transaction any more needs none.
 */
export async function outliveFailedTransactions(connection: DatabaseConnection): Promise<void> {
  const execute = connection.executeQuery.bind(connection);
  let failure: { reason: unknown } | undefined;
  connection.executeQuery = async <R>(query: CompiledQuery, ...rest: unknown[]): Promise<QueryResult<R>> => {
    const run = () => execute<R>(query, ...(rest as []));
    const { sql } = query;
    if (BEGIN.test(sql)) {
      failure = undefined;
      return run().catch((reason: unknown) => {
        failure = { reason };
        return NOTHING;
      });
    }
    if (sql === 'rollback') {
      const hasBegun = !failure;
      failure = undefined;
      return hasBegun ? run().catch(() => NOTHING) : NOTHING;
    }
    if (failure) throw failure.reason;
    return run();
  };
}

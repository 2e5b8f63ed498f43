import { TransactionContext } from '@mikro-orm/core';
import type { SqlEntityManager } from '@mikro-orm/sql';
import type { CompiledQuery, Kysely, RawBuilder } from 'kysely';

/**
 * Where plain SQL is asked: in the transaction at hand if there is one. `em.getKysely()` would do the same, but give the
 * request an identity map first, which rows that become no entities have no use for.
 */
export function plainSql(em: SqlEntityManager): Kysely<unknown> {
  const inTransaction = TransactionContext.getEntityManager(em.name) as SqlEntityManager | undefined;
  return inTransaction ? inTransaction.getKysely() : em.getConnection().getClient();
}

/**
 * A question that every request asks: its text is worked out once, and then only its values change. They are all that may
 * stand in it as parameters.
 */
export class Question<Row, Values extends unknown[]> {
  private text?: CompiledQuery<Row>;

  constructor(
    private readonly em: SqlEntityManager,
    private readonly words: (...values: Values) => RawBuilder<Row>,
  ) {}

  async ask(...values: Values): Promise<Row[]> {
    const database = plainSql(this.em);
    this.text ??= this.numbered(values.length).compile(database);
    const parameters = this.text.parameters.map((number) => values[number as number]);
    const { rows } = await database.executeQuery<Row>({ ...this.text, parameters });
    return rows;
  }

  /** The question with the places of values instead of them, to learn which of them stands where. */
  private numbered(count: number): RawBuilder<Row> {
    return this.words(...([...Array(count).keys()] as unknown as Values));
  }
}

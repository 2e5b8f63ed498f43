import { TSMigrationGenerator } from '@mikro-orm/migrations';

/** SQLite looks at foreign keys when it drops a table, so the tables that were made last go first. */
export class SqliteMigrationGenerator extends TSMigrationGenerator {
  override generateMigrationFile(className: string, diff: { up: string[]; down: string[] }): string {
    const isDrop = (sql: string) => sql.startsWith('drop table');
    const others = diff.down.filter((sql) => !isDrop(sql));
    const drops = diff.down.filter(isDrop).toReversed();
    return super.generateMigrationFile(className, { up: diff.up, down: [...others, ...drops] });
  }
}

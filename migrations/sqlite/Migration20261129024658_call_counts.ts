import { Migration } from '@mikro-orm/migrations';

export class Migration20261129024658_call_counts extends Migration {

  override name = 'Migration20261129024658_call_counts';

  override up(): void | Promise<void> {
    this.addSql(`create table \`call_counts\` (\`name\` text not null primary key, \`requests\` bigint not null, \`requests_end\` bigint not null, \`tokens\` bigint not null, \`tokens_end\` bigint not null, \`holders\` text not null, \`let_in\` integer not null, \`touched_at\` bigint not null);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`call_counts\`;`);
  }

}

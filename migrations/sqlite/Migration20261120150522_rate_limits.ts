import { Migration } from '@mikro-orm/migrations';

export class Migration20261120150522_rate_limits extends Migration {

  override name = 'Migration20261120150522_rate_limits';

  override up(): void | Promise<void> {
    this.addSql(`create table \`rate_limits\` (\`name\` text not null primary key, \`hits\` bigint not null, \`ends_at\` bigint not null);`);
    this.addSql(`create index \`rate_limits_ends_at_index\` on \`rate_limits\` (\`ends_at\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`rate_limits\`;`);
  }

}

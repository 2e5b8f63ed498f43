import { Migration } from '@mikro-orm/migrations';

export class Migration20261120115523_sessions extends Migration {

  override name = 'Migration20261120115523_sessions';

  override up(): void | Promise<void> {
    this.addSql(`create table \`sessions\` (\`id\` text not null primary key, \`user_id\` integer not null, \`created_at\` datetime not null, \`expires_at\` datetime not null, \`ip\` text not null, \`user_agent\` text not null, constraint \`sessions_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`) on delete cascade);`);
    this.addSql(`create index \`sessions_user_id_index\` on \`sessions\` (\`user_id\`);`);
    this.addSql(`create index \`sessions_expires_at_index\` on \`sessions\` (\`expires_at\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`sessions\`;`);
  }

}

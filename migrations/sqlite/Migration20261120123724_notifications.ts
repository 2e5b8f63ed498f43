import { Migration } from '@mikro-orm/migrations';

export class Migration20261120123724_notifications extends Migration {

  override name = 'Migration20261120123724_notifications';

  override up(): void | Promise<void> {
    this.addSql(`create table \`notifications\` (\`id\` integer not null primary key autoincrement, \`user_id\` integer not null, \`kind\` text not null, \`message\` text not null, \`api_key_id\` integer null, \`occasion\` text not null, \`created_at\` datetime not null, \`read_at\` datetime null, constraint \`notifications_user_id_foreign\` foreign key (\`user_id\`) references \`users\` (\`id\`) on delete cascade, constraint \`notifications_api_key_id_foreign\` foreign key (\`api_key_id\`) references \`api_keys\` (\`id\`) on delete set null);`);
    this.addSql(`create index \`notifications_user_id_index\` on \`notifications\` (\`user_id\`);`);
    this.addSql(`create index \`notifications_api_key_id_index\` on \`notifications\` (\`api_key_id\`);`);
    this.addSql(`create index \`notifications_user_id_created_at_index\` on \`notifications\` (\`user_id\`, \`created_at\`);`);
    this.addSql(`create unique index \`notifications_user_id_occasion_unique\` on \`notifications\` (\`user_id\`, \`occasion\`);`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists \`notifications\`;`);
  }

}

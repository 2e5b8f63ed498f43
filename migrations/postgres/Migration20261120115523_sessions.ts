import { Migration } from '@mikro-orm/migrations';

export class Migration20261120115523_sessions extends Migration {

  override name = 'Migration20261120115523_sessions';

  override up(): void | Promise<void> {
    this.addSql(`create table "sessions" ("id" varchar(36) not null, "user_id" int not null, "created_at" timestamptz(3) not null, "expires_at" timestamptz(3) not null, "ip" varchar(45) not null, "user_agent" varchar(200) not null, primary key ("id"));`);
    this.addSql(`create index "sessions_expires_at_index" on "sessions" ("expires_at");`);

    this.addSql(`alter table "sessions" add constraint "sessions_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "sessions" cascade;`);
  }

}

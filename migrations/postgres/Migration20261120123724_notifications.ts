import { Migration } from '@mikro-orm/migrations';

export class Migration20261120123724_notifications extends Migration {

  override name = 'Migration20261120123724_notifications';

  override up(): void | Promise<void> {
    this.addSql(`create table "notifications" ("id" serial primary key, "user_id" int not null, "kind" varchar(32) not null, "message" varchar(1000) not null, "api_key_id" int null, "occasion" varchar(200) not null, "created_at" timestamptz(3) not null, "read_at" timestamptz(3) null);`);
    this.addSql(`create index "notifications_user_id_created_at_index" on "notifications" ("user_id", "created_at");`);
    this.addSql(`alter table "notifications" add constraint "notifications_user_id_occasion_unique" unique ("user_id", "occasion");`);

    this.addSql(`alter table "notifications" add constraint "notifications_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`);
    this.addSql(`alter table "notifications" add constraint "notifications_api_key_id_foreign" foreign key ("api_key_id") references "api_keys" ("id") on delete set null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "notifications" cascade;`);
  }

}

import { Migration } from '@mikro-orm/migrations';

export class Migration20261129024659_call_counts extends Migration {

  override name = 'Migration20261129024659_call_counts';

  override up(): void | Promise<void> {
    this.addSql(`create table "call_counts" ("name" varchar(160) not null, "requests" bigint not null, "requests_end" bigint not null, "tokens" bigint not null, "tokens_end" bigint not null, "holders" text not null, "let_in" int not null, "touched_at" bigint not null, primary key ("name"));`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "call_counts" cascade;`);
  }

}

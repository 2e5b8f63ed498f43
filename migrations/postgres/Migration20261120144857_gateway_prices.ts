import { Migration } from '@mikro-orm/migrations';

export class Migration20261120144857_gateway_prices extends Migration {

  override name = 'Migration20261120144857_gateway_prices';

  override up(): void | Promise<void> {
    this.addSql(`create table "model_prices" ("model" varchar(255) not null, "slug" varchar(255) null, "context_length" bigint null, "max_output_tokens" bigint null, "rates" text not null, "listed_at" timestamptz(3) not null, primary key ("model"));`);

    this.addSql(`create table "gateway_open_calls" ("instance_id" varchar(36) not null, "calls" int not null, "seen_at" timestamptz(3) not null, primary key ("instance_id"));`);

    this.addSql(`alter table "request_logs" add "booked_nanos" bigint null, add "booked_period" varchar(8) null, add "booked_on" varchar(10) null;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "model_prices" cascade;`);
    this.addSql(`drop table if exists "gateway_open_calls" cascade;`);

    this.addSql(`alter table "request_logs" drop column "booked_nanos", drop column "booked_period", drop column "booked_on";`);
  }

}

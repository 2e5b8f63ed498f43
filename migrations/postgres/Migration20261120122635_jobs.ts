import { Migration } from '@mikro-orm/migrations';

export class Migration20261120122635_jobs extends Migration {

  override name = 'Migration20261120122635_jobs';

  override up(): void | Promise<void> {
    this.addSql(`create table "job_leases" ("name" varchar(64) not null, "owner" varchar(64) null, "fencing" bigint not null, "expires_at" timestamptz(3) not null, primary key ("name"));`);

    this.addSql(`create table "job_runs" ("id" serial primary key, "name" varchar(64) not null, "slot" timestamptz(3) null, "attempt" int not null, "owner" varchar(64) not null, "fencing" bigint not null, "started_at" timestamptz(3) not null, "finished_at" timestamptz(3) null, "outcome" varchar(16) not null default 'running', "figures" jsonb null, "error" varchar(500) null);`);
    this.addSql(`create index "job_runs_outcome_index" on "job_runs" ("outcome");`);
    this.addSql(`create index "job_runs_name_id_index" on "job_runs" ("name", "id");`);
    this.addSql(`alter table "job_runs" add constraint "job_runs_name_slot_attempt_unique" unique ("name", "slot", "attempt");`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "job_leases" cascade;`);
    this.addSql(`drop table if exists "job_runs" cascade;`);
  }

}

import { Migration } from '@mikro-orm/migrations';

export class Migration20261120115015_audit extends Migration {

  override name = 'Migration20261120115015_audit';

  override up(): void | Promise<void> {
    this.addSql(`create table "audit_events" ("id" int not null, "at" timestamptz(3) not null, "actor" varchar(100) not null, "ip" varchar(64) null, "action" varchar(64) not null, "target" varchar(100) not null, "result" varchar(16) not null, "previous_hash" varchar(64) not null, "hash" varchar(64) not null, primary key ("id"));`);
    this.addSql(`create index "audit_events_actor_index" on "audit_events" ("actor");`);
    this.addSql(`create index "audit_events_target_index" on "audit_events" ("target");`);

    this.addSql(`create table "audit_head" ("id" int not null, "entries" int not null, "hash" varchar(64) not null, primary key ("id"));`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop table if exists "audit_events" cascade;`);
    this.addSql(`drop table if exists "audit_head" cascade;`);
  }

}

import { Migration } from '@mikro-orm/migrations';

interface SumTable {
  name: string;
  /** What tells its rows apart. */
  keys: string[];
  /** What else a row says, the same in all that it sums up. */
  also: string[];
}

const BY_KEY: SumTable = { name: 'usage_sums_by_key', keys: ['api_key_id'], also: ['user_id'] };
const OF_DAYS: SumTable[] = [
  { name: 'usage_sums_by_day', keys: ['user_id', 'date'], also: [] },
  { name: 'usage_sums_by_day_and_model', keys: ['user_id', 'date', 'model'], also: [] },
  { name: 'usage_sums_by_day_and_key', keys: ['user_id', 'date', 'api_key_id'], also: [] },
  BY_KEY,
];
const SOURCES: [table: string, sums: SumTable[]][] = [
  ['usage_days', OF_DAYS],
  ['usage_months', [BY_KEY]],
];
const SUMS = ['requests', 'tokens_input', 'tokens_output', 'cost_nanos'];

const listed = (names: string[]) => names.join(', ');

/** Adds rows to their sums, in the same order for everybody, so that no two wait for each other. */
function plus({ name, keys, also }: SumTable): string {
  const columns = listed([...keys, ...also]);
  return `insert into ${name} (${columns}, row_count, ${listed(SUMS)})
      select ${columns}, count(*), ${listed(SUMS.map((sum) => `sum(${sum})`))}
      from new_rows group by ${columns} order by ${listed(keys)}
    on conflict (${listed(keys)}) do update set row_count = ${name}.row_count + excluded.row_count,
      ${listed(SUMS.map((sum) => `${sum} = ${name}.${sum} + excluded.${sum}`))};`;
}

/** Takes rows out of their sums. */
function minus({ name, keys }: SumTable): string {
  const place = keys.map((key) => `${name}.${key} = gone.${key}`).join(' and ');
  const gone = `select ${listed(keys)}, count(*) as row_count, ${listed(SUMS.map((sum) => `sum(${sum}) as ${sum}`))}
      from old_rows group by ${listed(keys)}`;
  return `perform 1 from ${name} join (${gone}) gone on ${place} order by ${listed(keys.map((key) => `${name}.${key}`))}
      for update of ${name};
    update ${name} set row_count = ${name}.row_count - gone.row_count,
      ${listed(SUMS.map((sum) => `${sum} = ${name}.${sum} - gone.${sum}`))}
      from (${gone}) gone where ${place};
    delete from ${name} using (${gone}) gone where ${place} and ${name}.row_count = 0;`;
}

/** One for each statement, however many rows it changes. */
function triggers([table, sums]: [table: string, sums: SumTable[]]): string[] {
  const added = sums.map(plus).join(' ');
  const removed = sums.map(minus).join(' ');
  return [
    ...trigger(`${table}_inserted`, `insert on ${table} referencing new table as new_rows`, added),
    ...trigger(
      `${table}_updated`,
      `update on ${table} referencing old table as old_rows new table as new_rows`,
      `${added} ${removed}`,
    ),
    ...trigger(`${table}_deleted`, `delete on ${table} referencing old table as old_rows`, removed),
  ];
}

function trigger(name: string, when: string, body: string): string[] {
  return [
    `create function ${name}() returns trigger language plpgsql as $$ begin ${body} return null; end $$;`,
    `create trigger ${name} after ${when} for each statement execute function ${name}();`,
  ];
}

/** The sums of everything that is there. */
function filled({ name, keys, also }: SumTable): string {
  const columns = listed([...keys, ...also]);
  const rows = (table: string) => `select ${columns}, ${listed(SUMS)} from ${table}`;
  const from = SOURCES.filter(([, sums]) => sums.some((table) => table.name === name)).map(([table]) => rows(table));
  return `insert into ${name} (${columns}, row_count, ${listed(SUMS)})
    select ${columns}, count(*), ${listed(SUMS.map((sum) => `sum(${sum})`))}
    from (${from.join(' union all ')}) as everything group by ${columns};`;
}

function triggerNames(): [trigger: string, table: string][] {
  return SOURCES.flatMap(([table]) =>
    ['inserted', 'updated', 'deleted'].map((event): [string, string] => [`${table}_${event}`, table]),
  );
}

export class Migration20261120151719_usage_sums extends Migration {

  override name = 'Migration20261120151719_usage_sums';

  override up(): void | Promise<void> {
    this.addSql(`create table "usage_sums_by_day_and_model" ("user_id" int not null, "date" varchar(10) not null, "model" varchar(200) not null, "row_count" bigint not null, "requests" bigint not null, "tokens_input" bigint not null, "tokens_output" bigint not null, "cost_nanos" bigint not null, primary key ("user_id", "date", "model"));`);

    this.addSql(`create table "usage_sums_by_day" ("user_id" int not null, "date" varchar(10) not null, "row_count" bigint not null, "requests" bigint not null, "tokens_input" bigint not null, "tokens_output" bigint not null, "cost_nanos" bigint not null, primary key ("user_id", "date"));`);

    this.addSql(`create table "usage_sums_by_key" ("api_key_id" int not null, "user_id" int not null, "row_count" bigint not null, "requests" bigint not null, "tokens_input" bigint not null, "tokens_output" bigint not null, "cost_nanos" bigint not null, primary key ("api_key_id"));`);
    this.addSql(`create index "usage_sums_by_key_user_id_index" on "usage_sums_by_key" ("user_id");`);

    this.addSql(`create table "usage_sums_by_day_and_key" ("user_id" int not null, "date" varchar(10) not null, "api_key_id" int not null, "row_count" bigint not null, "requests" bigint not null, "tokens_input" bigint not null, "tokens_output" bigint not null, "cost_nanos" bigint not null, primary key ("user_id", "date", "api_key_id"));`);

    this.addSql(`alter table "usage_sums_by_day_and_model" add constraint "usage_sums_by_day_and_model_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`);

    this.addSql(`alter table "usage_sums_by_day" add constraint "usage_sums_by_day_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`);

    this.addSql(`alter table "usage_sums_by_key" add constraint "usage_sums_by_key_api_key_id_foreign" foreign key ("api_key_id") references "api_keys" ("id") on update cascade on delete cascade;`);
    this.addSql(`alter table "usage_sums_by_key" add constraint "usage_sums_by_key_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`);

    this.addSql(`alter table "usage_sums_by_day_and_key" add constraint "usage_sums_by_day_and_key_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`);
    this.addSql(`alter table "usage_sums_by_day_and_key" add constraint "usage_sums_by_day_and_key_api_key_id_foreign" foreign key ("api_key_id") references "api_keys" ("id") on delete cascade;`);

    for (const table of OF_DAYS) this.addSql(filled(table));
    for (const source of SOURCES) for (const sql of triggers(source)) this.addSql(sql);
  }

  override down(): void | Promise<void> {
    for (const [name, table] of triggerNames()) {
      this.addSql(`drop trigger ${name} on ${table};`);
      this.addSql(`drop function ${name}();`);
    }
    this.addSql(`drop table if exists "usage_sums_by_day_and_model" cascade;`);
    this.addSql(`drop table if exists "usage_sums_by_day" cascade;`);
    this.addSql(`drop table if exists "usage_sums_by_key" cascade;`);
    this.addSql(`drop table if exists "usage_sums_by_day_and_key" cascade;`);
  }

}

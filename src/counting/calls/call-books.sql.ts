import { MINUTE_MS } from './call-refusals.js';

/** What stands in the table after a statement. */
export interface StoredCounts {
  name: string;
  let_in: number;
  under_way: number | string;
  requests: number | string;
  requests_end: number | string;
  tokens: number | string;
  tokens_end: number | string;
}

const open = (counted: string, end: string) => `case when ${end} > $2::bigint then ${counted} else 0 end`;
const greater = (column: string, end: string) =>
  `greatest(${open(`c.${column}`, `c.${end}`)}, ${open(`a.${column}`, `a.${end}`)})`;
const endOf = (counted: string, end: string) =>
  `case when ${counted} > 0 then ${end} else $2::bigint + ${MINUTE_MS} end`;

/**
 * One statement for everything, because a row that it has locked would stay locked if its process were frozen between two.
 * `$1` are the enquiries, `$2` is now, `$3` since when an instance must have been heard of, `$4` who asks. A name without a
 * row gets one, and nothing else happens to it. Rows are taken in the order of their names, so that no two instances wait for
 * each other. Nobody waits for the disk either: counts that a crash of the server takes are not missed.
 */
export const BOOK = `
  with asked as (
    select a.* from set_config('synchronous_commit', 'off', true), jsonb_to_recordset($1::jsonb) as a(
      name text, rpm bigint, tpm bigint, most bigint, under_way bigint, waiting bigint, used bigint,
      requests bigint, requests_end bigint, tokens bigint, tokens_end bigint))
  insert into call_counts as c (name, requests, requests_end, tokens, tokens_end, holders, let_in, touched_at)
  select name, 0, 0, 0, 0, '{}', -1, $2::bigint from asked order by name
  on conflict (name) do update
  set (requests, requests_end, tokens, tokens_end, holders, let_in, touched_at) = (
    select was.requests + case when a.rpm is null then 0 else door.let_in end, ${endOf('was.requests', 'was.requests_end')},
      was.tokens + a.used, ${endOf('was.tokens', 'was.tokens_end')},
      (others.holders || case when mine.calls = 0 then '{}'
        else jsonb_build_object($4::text, jsonb_build_array(mine.calls, $2::bigint)) end)::text,
      door.let_in, $2::bigint
    from asked a
    cross join lateral (
      select ${greater('requests', 'requests_end')} as requests, greatest(c.requests_end, a.requests_end) as requests_end,
        ${greater('tokens', 'tokens_end')} as tokens, greatest(c.tokens_end, a.tokens_end) as tokens_end) was
    cross join lateral (
      select coalesce(sum((value ->> 0)::bigint), 0) as calls, coalesce(jsonb_object_agg(key, value), '{}') as holders
      from jsonb_each(c.holders::jsonb) where key <> $4::text and (value ->> 1)::bigint > $3::bigint) others
    cross join lateral (
      select case when was.tokens + a.used >= a.tpm then 0
        else greatest(0, least(a.waiting, a.most - others.calls - a.under_way, a.rpm - was.requests)) end as let_in) door
    cross join lateral (
      select a.under_way + case when a.most is null then 0 else door.let_in end as calls) mine
    where a.name = c.name)
  returning name, requests, requests_end, tokens, tokens_end, let_in,
    (select coalesce(sum((value ->> 0)::bigint), 0) from jsonb_each(c.holders::jsonb)) as under_way`;

export const FORGET = 'delete from call_counts where touched_at < $1::bigint';

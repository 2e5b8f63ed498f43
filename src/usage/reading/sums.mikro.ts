import { sql } from 'kysely';

/** What rows of usage add up to. Whole numbers travel as text: drivers would round large ones, each in its own way. */
export const SUMS = sql`
  cast(coalesce(sum(requests), 0) as text) as requests,
  cast(coalesce(sum(tokens_input), 0) as text) as tokens_input,
  cast(coalesce(sum(tokens_output), 0) as text) as tokens_output,
  cast(coalesce(sum(cost_nanos), 0) as text) as cost`;

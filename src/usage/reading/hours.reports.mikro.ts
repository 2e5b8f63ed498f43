import { SqlEntityManager } from '@mikro-orm/sql';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import { plainSql } from '../../database/plain-sql.js';
import { firstHourOf, lastHourOf } from '../../shared/time/hour.js';
import type { Period } from '../../shared/time/period.js';
import { hoursIn, type HourLine } from './hours.sums.js';
import { type Hours, HoursReports } from './hours.reports.js';
import { SUMS } from './sums.mikro.js';

const MODEL = { part: sql`h.model`, of: sql`u.part`, name: sql`u.part` };
const KEY = {
  part: sql`h.api_key_id`,
  of: sql`cast(u.part as text)`,
  name: sql`(select k.name from api_keys k where k.id = u.part)`,
};

@Injectable()
export class MikroHoursReports extends HoursReports {
  constructor(private readonly em: SqlEntityManager) {
    super();
  }

  async of(userId: number, period: Period, by: 'model' | 'key'): Promise<Hours> {
    const { part, of, name } = by === 'model' ? MODEL : KEY;
    // One statement sees one moment, so that hours and days can be compared while a sync is writing.
    const query = sql<HourLine>`
      select 'hour' as side, u.hour as at, ${of} as of, ${name} as name,
        u.requests, u.tokens_input, u.tokens_output, u.cost
      from (
        select h.hour, ${part} as part, ${SUMS} from usage_hours h
        where h.api_key_id in (select id from api_keys where user_id = ${userId})
          and h.hour between ${firstHourOf(period.start)} and ${lastHourOf(period.end)}
        group by h.hour, ${part}
      ) u
      union all
      select 'day', date, '', '', ${SUMS} from usage_sums_by_day
      where user_id = ${userId} and date between ${period.start} and ${period.end} group by date`;
    const { rows } = await query.execute(plainSql(this.em));
    return hoursIn(period, rows);
  }
}

import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Clock } from '../shared/time/clock.port.js';
import { API_TOKEN_SCHEME, GuardedBy } from '../shared/http/decorators.js';
import { RATE_LIMIT_HEADERS } from '../shared/http/rate-limit.headers.js';
import { Refuses } from '../shared/http/refuses.js';
import { ApiTokenGuard, TokenOwner } from '../tokens/api-token.guard.js';
import { UsageReports } from '../usage/reading/usage.reports.js';
import { KeyList } from './keys.dto.js';
import { Stats, StatsQuery } from './stats.dto.js';
import { UsageLines, UsageLinesQuery } from './usage.dto.js';

@ApiTags('Public API')
@GuardedBy(ApiTokenGuard, API_TOKEN_SCHEME)
@Controller('api/v1')
export class PublicApiController {
  constructor(
    private readonly reports: UsageReports,
    private readonly clock: Clock,
  ) {}

  /** What was used in a period, summed up; the last 30 days, today included, if you do not say which. */
  @Get('stats')
  @ApiOkResponse({ type: Stats, headers: RATE_LIMIT_HEADERS })
  @Refuses(401, 422, 429)
  async stats(@TokenOwner() owner: number, @Query() query: StatsQuery): Promise<Stats> {
    const period = StatsQuery.periodOf(query, this.clock.now());
    return Stats.of(period, await this.reports.totals(owner, period));
  }

  /** What was used by day and model, newest day first, a page at a time. */
  @Get('usage')
  @ApiOkResponse({ type: UsageLines, headers: RATE_LIMIT_HEADERS })
  @Refuses(401, 422, 429)
  async usage(@TokenOwner() owner: number, @Query() query: UsageLinesQuery): Promise<UsageLines> {
    const period = UsageLinesQuery.periodOf(query);
    const total = await this.reports.countDaysAndModels(owner, period);
    const skip = (query.page - 1) * query.limit;
    return UsageLines.of(await this.reports.daysAndModels(owner, period, skip, query.limit), total, query);
  }

  /** Your keys and what went through each since it is known here. */
  @Get('keys')
  @ApiOkResponse({ type: KeyList, headers: RATE_LIMIT_HEADERS })
  @Refuses(401, 422, 429)
  async keys(@TokenOwner() owner: number): Promise<KeyList> {
    return KeyList.of(await this.reports.allTimeByKey(owner));
  }
}

import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Clock } from '../../shared/time/clock.port.js';
import { CurrentUser } from '../../shared/http/decorators.js';
import { Refuses } from '../../shared/http/refuses.js';
import { Period } from '../../shared/time/period.js';
import type { Principal } from '../../shared/principal.js';
import { Dashboard, DashboardQuery } from './dashboard.dto.js';
import { MeteredSpend } from './metered-spend.reports.js';
import { UsageReports } from './usage.reports.js';

@ApiTags('Usage')
@Controller('api/stats')
export class DashboardController {
  constructor(
    private readonly reports: UsageReports,
    private readonly metered: MeteredSpend,
    private readonly clock: Clock,
  ) {}

  /** Your usage of the last days at a glance: in all, by day, by model, by key. */
  @Get('dashboard')
  @ApiOkResponse({ type: Dashboard, description: 'The figures, all of one moment.' })
  @Refuses(401, 422)
  async dashboard(@CurrentUser() user: Principal, @Query() { days }: DashboardQuery): Promise<Dashboard> {
    const period = Period.last(days, this.clock.now());
    const breakdown = await this.reports.breakdown(user.id, period);
    return Dashboard.of(period, breakdown, await this.metered.byKey(user.id, period));
  }
}

import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { AdminGuard } from '../../auth/admin/admin.guard.js';
import { ADMIN_SCHEME, GuardedBy } from '../../shared/http/decorators.js';
import { Refuses } from '../../shared/http/refuses.js';
import { RequestLogRepository } from './request-log.repository.js';
import { LogPage, LogQuery } from './request-logs.dto.js';

@ApiTags('Gateway: log')
@Controller('admin/logs')
@GuardedBy(AdminGuard, ADMIN_SCHEME)
export class RequestLogsController {
  constructor(private readonly logs: RequestLogRepository) {}

  /** Every request to the gateway, newest first, about a second after it was answered. Never what was in it. */
  @Get()
  @ApiOkResponse({ type: LogPage })
  @Refuses(403, 422)
  async list(@Query() query: LogQuery): Promise<LogPage> {
    return LogPage.of(await this.logs.page(LogQuery.filterOf(query), query.page, query.page_size), query);
  }
}

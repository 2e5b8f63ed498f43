import { Controller, Get, Query, Res, type StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import { owned } from '../../shared/errors.js';
import { CurrentUser } from '../../shared/http/decorators.js';
import { periodOf } from '../../shared/http/fields/period.query.dto.js';
import { Refuses } from '../../shared/http/refuses.js';
import type { Principal } from '../../shared/principal.js';
import { UsageExport } from './usage-export.js';
import { UsageEntry, UsagePageQuery, UsageQuery } from './usage.dto.js';
import { type UsageFilter, UsageReports } from './usage.reports.js';

const TOTAL_COUNT = {
  'X-Total-Count': {
    description: 'How many rows there are in all.',
    schema: { type: 'integer' as const, minimum: 0, example: 1204 },
  },
};

const CSV = {
  description:
    'The file, with a line of column names first. Text that a spreadsheet would run begins with an apostrophe.',
  headers: {
    'Content-Disposition': {
      description: 'A name for the file.',
      schema: { type: 'string' as const, example: 'attachment; filename="usage-2026-06-01-2026-06-30.csv"' },
    },
  },
  content: {
    'text/csv': {
      schema: { type: 'string' as const },
      example:
        'id,api_key_id,api_key_name,date,model,requests_count,tokens_input,tokens_output,cost\r\n' +
        '4711,3,production,2026-06-15,openai/gpt-5-mini,120,48000,9600,0.0312\r\n',
    },
  },
};

@ApiTags('Usage')
@Controller('api/usage')
export class UsageController {
  constructor(
    private readonly reports: UsageReports,
    private readonly keys: ApiKeyRepository,
    private readonly files: UsageExport,
  ) {}

  /** Your usage day by day, newest day first: one row for each key, day and model. */
  @Get()
  @ApiOkResponse({ type: [UsageEntry], description: 'The rows of this page.', headers: TOTAL_COUNT })
  @Refuses(401, 403, 404, 422)
  async list(
    @CurrentUser() user: Principal,
    @Query() query: UsagePageQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<UsageEntry[]> {
    const filter = await this.filterOf(user, query);
    reply.header('X-Total-Count', await this.reports.countRows(user.id, filter));
    return (await this.reports.rows(user.id, filter, query.skip, query.limit)).map(UsageEntry.of);
  }

  /** All of these rows as a CSV file, however many they are. */
  @Get('export')
  @ApiOkResponse(CSV)
  @Refuses(401, 403, 404, 422)
  async export(@CurrentUser() user: Principal, @Query() query: UsageQuery): Promise<StreamableFile> {
    return this.files.file(user.id, await this.filterOf(user, query));
  }

  private async filterOf(user: Principal, query: UsageQuery): Promise<UsageFilter> {
    const { api_key_id: apiKeyId, model } = query;
    if (apiKeyId !== undefined) owned(await this.keys.find(apiKeyId), user.id, 'API key');
    return { period: periodOf(query), apiKeyId, model };
  }
}

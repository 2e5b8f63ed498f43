import { Get, Query, type StreamableFile } from '@nestjs/common';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import { owned, Unprocessable } from '../../shared/errors.js';
import { CurrentUser } from '../../shared/http/decorators.js';
import type { Principal } from '../../shared/principal.js';
import { Clock } from '../../shared/time/clock.port.js';
import { UsageExport } from '../../usage/reading/usage-export.js';
import { UsageReports } from '../../usage/reading/usage.reports.js';
import { Page } from '../answers/page.decorator.js';
import { View } from '../answers/view.js';
import type { Fields } from '../forms/fields.js';
import { ROWS_PER_PAGE, type Selection, selectionOf } from './selection.js';
import { StatsContent } from './stats-content.js';

@Page('stats')
export class StatsPage {
  constructor(
    private readonly reports: UsageReports,
    private readonly keys: ApiKeyRepository,
    private readonly files: UsageExport,
    private readonly clock: Clock,
  ) {}

  @Get()
  async show(@CurrentUser() { id }: Principal, @Query() fields: Fields): Promise<View> {
    const wanted = await this.wanted(id, fields);
    const { filter, order, range } = wanted;
    const total = await this.reports.countRows(id, filter);
    const pages = Math.max(1, Math.ceil(total / ROWS_PER_PAGE));
    const selection = { ...wanted, page: Math.min(wanted.page, pages) };
    const skip = (selection.page - 1) * ROWS_PER_PAGE;
    const rows = await this.reports.rows(id, filter, skip, ROWS_PER_PAGE, order);
    const sum = await this.reports.sumOfRows(id, filter);
    const keys = await this.keys.listOf(id);
    const { byModel } = await this.reports.breakdown(id, filter.period);
    const models = byModel.map(({ model }) => model).toSorted();
    const content = <StatsContent {...{ selection, rows, total, pages, sum, keys, models }} />;
    return new View({ title: 'Statistics', section: 'stats', content, status: range.problem ? 422 : 200 });
  }

  /** The whole selection as a file. */
  @Get('export')
  async export(@CurrentUser() { id }: Principal, @Query() fields: Fields): Promise<StreamableFile> {
    const { filter, range } = await this.wanted(id, fields);
    // A file of other days than those asked for would pass for what it is not.
    if (range.problem) throw new Unprocessable({ field: 'start_date', message: range.problem });
    return this.files.file(id, filter);
  }

  private async wanted(userId: number, fields: Fields): Promise<Selection> {
    const selection = selectionOf(fields, this.clock.now());
    const { apiKeyId } = selection.filter;
    if (apiKeyId !== undefined) owned(await this.keys.find(apiKeyId), userId, 'key');
    return selection;
  }
}

import { Inject, Injectable, StreamableFile } from '@nestjs/common';
import type { Logger } from 'pino';
import { LOGGER } from '../../shared/tokens.js';
import { usageCsv } from './usage.csv.js';
import { type UsageFilter, UsageReports } from './usage.reports.js';

/** A selection of usage as a file to download, however long it is. */
@Injectable()
export class UsageExport {
  constructor(
    private readonly reports: UsageReports,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async file(userId: number, filter: UsageFilter): Promise<StreamableFile> {
    const file = await usageCsv(this.reports.streamRows(userId, filter));
    file.on('error', (err) => this.logger.error({ err }, 'An export of usage broke off'));
    const disposition = `attachment; filename="usage-${filter.period.start}-${filter.period.end}.csv"`;
    return new StreamableFile(file, { type: 'text/csv; charset=utf-8', disposition });
  }
}

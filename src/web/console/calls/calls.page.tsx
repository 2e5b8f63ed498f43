import { Get, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ClientKeyRepository } from '../../../gateway/client-keys/client-key.repository.js';
import { RequestLogRepository } from '../../../gateway/request-logs/request-log.repository.js';
import { LogQuery } from '../../../gateway/request-logs/request-logs.dto.js';
import { UpstreamRepository } from '../../../gateway/upstreams/upstream.repository.js';
import { AdminsOnly, Page } from '../../answers/page.decorator.js';
import { type SeeOther, View } from '../../answers/view.js';
import { type Fields, numberIn, readEntry } from '../../forms/fields.js';
import { problemsOf } from '../../forms/problems.js';
import { backToLast, pageOf } from '../../parts/pager.js';
import { type CallList, Calls } from './calls.js';
import { addressOf, enteredFilter, FILTERS } from './call-filter.js';

const PAGE_SIZE = 20;
/** So many keys can be chosen from; the others by their number in the address. */
const MOST_NAMES = 100;

@Page('console/logs')
@AdminsOnly()
export class CallsPage {
  constructor(
    private readonly logs: RequestLogRepository,
    private readonly keys: ClientKeyRepository,
    private readonly upstreams: UpstreamRepository,
  ) {}

  /** `after`: whoever watches has seen the requests up to this one; without a newer one there is nothing to draw. */
  @Get()
  async show(
    @Query() query: Fields,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<View | SeeOther | undefined> {
    const isLive = query.live === 'true';
    const after = numberIn(query, 'after');
    if (isLive && typeof after === 'number' && !(await this.isNewer(query, after))) {
      reply.status(204);
      return undefined;
    }
    return this.view(query, isLive);
  }

  private async isNewer(query: Fields, afterId: number): Promise<boolean> {
    const filter = LogQuery.filterOf(await readEntry(LogQuery, enteredFilter(query)));
    return (await this.logs.page(filter, 1, PAGE_SIZE)).items.some(({ id }) => id > afterId);
  }

  private async view(query: Fields, isLive: boolean): Promise<View | SeeOther> {
    const { items: keys } = await this.keys.page(1, MOST_NAMES);
    const names = { keys, upstreams: await this.upstreams.list() };
    try {
      const list = await this.listOf(query, isLive ? 1 : pageOf(query));
      const content = <Calls fields={query} {...names} list={list} isLive={isLive} />;
      return backToLast(list.pages) ?? viewOf(content);
    } catch (error) {
      const problems = problemsOf(error, FILTERS);
      return viewOf(<Calls fields={query} {...names} problems={problems} isLive={false} />, problems.status);
    }
  }

  private async listOf(query: Fields, page: number): Promise<CallList> {
    const filter = LogQuery.filterOf(await readEntry(LogQuery, enteredFilter(query)));
    const { items, total } = await this.logs.page(filter, page, PAGE_SIZE);
    return { items, pages: { path: addressOf(query), page, pages: Math.ceil(total / PAGE_SIZE), total } };
  }
}

function viewOf(content: View['options']['content'], status?: number): View {
  return new View({ title: 'Requests', section: 'admin', content, status });
}

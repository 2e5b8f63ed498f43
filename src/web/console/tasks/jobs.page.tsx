import { Get, Param, Post, Query } from '@nestjs/common';
import { JobBoard } from '../../../jobs/job-board.js';
import { StartJob } from '../../../jobs/runs/start-job.use-case.js';
import { AdminsOnly, Page } from '../../answers/page.decorator.js';
import { SeeOther, View } from '../../answers/view.js';
import type { Fields } from '../../forms/fields.js';
import { problemsOf, type Problems } from '../../forms/problems.js';
import { backToLast, pageOf } from '../../parts/pager.js';
import { JobHistory } from './job-history.js';
import { JobList } from './job-list.js';

const PAGE_SIZE = 20;

@Page('console/jobs')
@AdminsOnly()
export class JobsPage {
  constructor(
    private readonly board: JobBoard,
    private readonly startJob: StartJob,
  ) {}

  @Get()
  list(): Promise<View> {
    return this.view();
  }

  @Get(':name')
  async history(@Param('name') name: string, @Query() query: Fields): Promise<View | SeeOther> {
    const page = pageOf(query);
    const { items, total } = await this.board.history(name, (page - 1) * PAGE_SIZE, PAGE_SIZE);
    const pages = { path: `/console/jobs/${name}`, page, pages: Math.ceil(total / PAGE_SIZE), total };
    const content = <JobHistory name={name} runs={items} pages={pages} />;
    return backToLast(pages) ?? new View({ title: name, section: 'admin', content });
  }

  /** Goes on by itself: the page shows that it runs, and what came of it. */
  @Post(':name/run')
  async run(@Param('name') name: string): Promise<View | SeeOther> {
    try {
      await this.startJob.execute(name);
      return new SeeOther('/console/jobs', 'job_started');
    } catch (error) {
      return this.view(problemsOf(error, []));
    }
  }

  private async view(problems?: Problems): Promise<View> {
    const content = <JobList states={await this.board.list()} problems={problems} />;
    return new View({ title: 'Jobs', section: 'admin', content, status: problems?.status });
  }
}

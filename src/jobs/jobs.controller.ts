import { Controller, Get, HttpCode, Param, Post, Query, UseInterceptors } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { AdminGuard } from '../auth/admin/admin.guard.js';
import { ADMIN_SCHEME, GuardedBy } from '../shared/http/decorators.js';
import { Refuses } from '../shared/http/refuses.js';
import { JobBoard } from './job-board.js';
import { JobRunPage, JobRunsQuery, JobRunView, JobView } from './jobs.dto.js';
import { NoTimeLimit } from './no-time-limit.interceptor.js';
import { RunJob } from './runs/run-job.use-case.js';

const NAME = { name: 'name', description: 'The name of the job.', example: 'usage-sync' };

@ApiTags('Jobs')
@Controller('admin/jobs')
@GuardedBy(AdminGuard, ADMIN_SCHEME)
export class JobsController {
  constructor(
    private readonly board: JobBoard,
    private readonly runJob: RunJob,
  ) {}

  /** Every job: when it runs, and what came of it last. */
  @Get()
  @ApiOkResponse({ type: [JobView] })
  @Refuses(403, 422)
  async list(): Promise<JobView[]> {
    return (await this.board.list()).map(JobView.of);
  }

  /** What a job has done so far, newest first. */
  @Get(':name/runs')
  @ApiParam(NAME)
  @ApiOkResponse({ type: JobRunPage })
  @Refuses(403, 404, 422)
  async runs(@Param('name') name: string, @Query() query: JobRunsQuery): Promise<JobRunPage> {
    const { page, page_size } = query;
    return JobRunPage.of(await this.board.history(name, (page - 1) * page_size, page_size), query);
  }

  /** Runs a job now and answers with what came of it. The run goes on even if you do not wait for the answer. */
  @Post(':name/run')
  @HttpCode(200)
  @UseInterceptors(NoTimeLimit)
  @ApiParam(NAME)
  @ApiOkResponse({ type: JobRunView })
  @Refuses(403, 404, 409, 422, 503)
  async run(@Param('name') name: string): Promise<JobRunView> {
    return JobRunView.of(await this.runJob.execute(name));
  }
}

import { Body, Controller, Delete, Get, HttpCode, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { AdminGuard } from '../../auth/admin/admin.guard.js';
import { NotFound } from '../../shared/errors.js';
import { ADMIN_SCHEME, GuardedBy } from '../../shared/http/decorators.js';
import { Id } from '../../shared/http/fields/id.param.js';
import { Refuses } from '../../shared/http/refuses.js';
import { AddUpstream } from './add-upstream.use-case.js';
import { ChangeUpstream } from './change-upstream.use-case.js';
import { RemoveUpstream } from './remove-upstream.use-case.js';
import type { RegisteredUpstream } from './upstream.entity.js';
import { UpstreamRepository } from './upstream.repository.js';
import { ListedUpstream, NewUpstream, UpstreamChanges, UpstreamList } from './upstreams.dto.js';

const ID = { name: 'id', type: 'integer', description: 'The number of the upstream.', example: 1 } as const;

@ApiTags('Gateway: upstreams')
@Controller('admin/upstreams')
@GuardedBy(AdminGuard, ADMIN_SCHEME)
export class UpstreamsController {
  constructor(
    private readonly addUpstream: AddUpstream,
    private readonly changeUpstream: ChangeUpstream,
    private readonly removeUpstream: RemoveUpstream,
    private readonly upstreams: UpstreamRepository,
  ) {}

  /** Adds an upstream. Its key is stored encrypted and never shown again. */
  @Post()
  @ApiCreatedResponse({ type: ListedUpstream })
  @Refuses(400, 403, 413, 415, 422)
  async add(@Body() body: NewUpstream): Promise<ListedUpstream> {
    const added = this.addUpstream.execute(NewUpstream.propertiesOf(body), NewUpstream.credentialOf(body));
    return ListedUpstream.of(await added);
  }

  /** All upstreams, in the order in which they were added. */
  @Get()
  @ApiOkResponse({ type: UpstreamList })
  @Refuses(403)
  async list(): Promise<UpstreamList> {
    return UpstreamList.of(await this.upstreams.list());
  }

  /** One upstream. */
  @Get(':id')
  @ApiParam(ID)
  @ApiOkResponse({ type: ListedUpstream })
  @Refuses(403, 404)
  async get(@Id('upstream') id: number): Promise<ListedUpstream> {
    return ListedUpstream.of(present(await this.upstreams.find(id)));
  }

  /** Changes what is given and leaves the rest. Requests that come after the answer see it; running ones end as they began. */
  @Put(':id')
  @ApiParam(ID)
  @ApiOkResponse({ type: ListedUpstream })
  @Refuses(400, 403, 404, 413, 415, 422)
  async change(@Id('upstream') id: number, @Body() body: UpstreamChanges): Promise<ListedUpstream> {
    const { propertiesOf, credentialOf } = UpstreamChanges;
    return ListedUpstream.of(await this.changeUpstream.execute(id, propertiesOf(body), credentialOf(body)));
  }

  /** Removes an upstream: keys that were granted it are answered 503. The log keeps naming it. */
  @Delete(':id')
  @HttpCode(204)
  @ApiParam(ID)
  @ApiNoContentResponse({ description: 'The upstream is removed.' })
  @Refuses(403, 404)
  remove(@Id('upstream') id: number): Promise<void> {
    return this.removeUpstream.execute(id);
  }
}

function present(upstream: RegisteredUpstream | null): RegisteredUpstream {
  if (!upstream) throw new NotFound('upstream');
  return upstream;
}

import { Body, Get, Post } from '@nestjs/common';
import type { ApiKey } from '../../../api-keys/api-key.entity.js';
import { ApiKeyRepository } from '../../../api-keys/api-key.repository.js';
import { AddUpstream } from '../../../gateway/upstreams/add-upstream.use-case.js';
import { ChangeUpstream } from '../../../gateway/upstreams/change-upstream.use-case.js';
import { RemoveUpstream } from '../../../gateway/upstreams/remove-upstream.use-case.js';
import type { RegisteredUpstream, UpstreamProperties } from '../../../gateway/upstreams/upstream.entity.js';
import { UpstreamRepository } from '../../../gateway/upstreams/upstream.repository.js';
import { NewUpstream, UpstreamChanges } from '../../../gateway/upstreams/upstreams.dto.js';
import { NotFound } from '../../../shared/errors.js';
import { CurrentUser } from '../../../shared/http/decorators.js';
import { Id } from '../../../shared/http/fields/id.param.js';
import type { Principal } from '../../../shared/principal.js';
import type { Notice } from '../../answers/notices.js';
import { AdminsOnly, Page } from '../../answers/page.decorator.js';
import { SeeOther, View } from '../../answers/view.js';
import { type Fields, readEntry } from '../../forms/fields.js';
import { type Problems, problemsOf } from '../../forms/problems.js';
import { changesIn, enteredUpstream, fieldsOf, UPSTREAM_FIELDS, UpstreamForm } from './upstream-form.js';
import { UpstreamList } from './upstream-list.js';

const BLAMED = {
  duplicate_name: 'name',
  invalid_base_url: 'base_url',
  invalid_api_key_id: 'api_key_id',
};

@Page()
@AdminsOnly()
export class UpstreamsPage {
  constructor(
    private readonly upstreams: UpstreamRepository,
    private readonly addUpstream: AddUpstream,
    private readonly changeUpstream: ChangeUpstream,
    private readonly removeUpstream: RemoveUpstream,
    private readonly apiKeys: ApiKeyRepository,
  ) {}

  /** The start of the console. */
  @Get('admin')
  async list(): Promise<View> {
    return view('Upstreams', <UpstreamList upstreams={await this.upstreams.list()} />);
  }

  @Get('console/upstreams/new')
  async make(@CurrentUser() person: Principal): Promise<View> {
    const fields = { provider: 'openrouter' };
    return view('New upstream', <UpstreamForm fields={fields} apiKeys={await this.usable(person)} />);
  }

  @Post('console/upstreams')
  async add(@CurrentUser() person: Principal, @Body() fields: Fields): Promise<View | SeeOther> {
    try {
      const entry = await readEntry(NewUpstream, enteredUpstream(fields));
      await this.addUpstream.execute(NewUpstream.propertiesOf(entry), NewUpstream.credentialOf(entry));
      return new SeeOther('/admin', 'upstream_added');
    } catch (error) {
      const problems = problemsOf(error, UPSTREAM_FIELDS, BLAMED);
      const form = <UpstreamForm fields={fields} apiKeys={await this.usable(person)} problems={problems} />;
      return view('New upstream', form, problems);
    }
  }

  @Get('console/upstreams/:id')
  async show(@CurrentUser() person: Principal, @Id('upstream') id: number): Promise<View> {
    const upstream = present(await this.upstreams.find(id));
    const known = { fields: fieldsOf(upstream), upstream, apiKeys: await this.usable(person) };
    return view(upstream.name, <UpstreamForm {...known} />);
  }

  @Post('console/upstreams/:id')
  async change(
    @CurrentUser() person: Principal,
    @Id('upstream') id: number,
    @Body() fields: Fields,
  ): Promise<View | SeeOther> {
    const upstream = present(await this.upstreams.find(id));
    try {
      const entry = await readEntry(UpstreamChanges, changesIn(fields, upstream));
      const changes = UpstreamChanges.propertiesOf(entry);
      await this.changeUpstream.execute(id, changes, UpstreamChanges.credentialOf(entry));
      return new SeeOther('/admin', 'upstream_changed');
    } catch (error) {
      const problems = problemsOf(error, UPSTREAM_FIELDS, BLAMED);
      const entered = { fields, upstream, problems, apiKeys: await this.usable(person) };
      return view(upstream.name, <UpstreamForm {...entered} />, problems);
    }
  }

  @Post('console/upstreams/:id/default')
  makeDefault(@Id('upstream') id: number): Promise<SeeOther> {
    return this.alter(id, { isDefault: true }, 'upstream_default');
  }

  @Post('console/upstreams/:id/pause')
  pause(@Id('upstream') id: number): Promise<SeeOther> {
    return this.alter(id, { isActive: false }, 'upstream_paused');
  }

  @Post('console/upstreams/:id/resume')
  resume(@Id('upstream') id: number): Promise<SeeOther> {
    return this.alter(id, { isActive: true }, 'upstream_resumed');
  }

  @Post('console/upstreams/:id/delete')
  async remove(@Id('upstream') id: number): Promise<SeeOther> {
    await this.removeUpstream.execute(id);
    return new SeeOther('/admin', 'upstream_deleted');
  }

  /** The admin's own keys whose secret is here. */
  private async usable({ id }: Principal): Promise<ApiKey[]> {
    const keys = await this.apiKeys.listOf(id);
    return keys.filter(({ isActive, sealedSecret }) => isActive && sealedSecret !== null);
  }

  private async alter(id: number, changes: Partial<UpstreamProperties>, notice: Notice): Promise<SeeOther> {
    await this.changeUpstream.execute(id, changes, null);
    return new SeeOther('/admin', notice);
  }
}

function view(title: string, content: View['options']['content'], problems?: Problems): View {
  return new View({ title, section: 'admin', content, status: problems?.status });
}

function present(upstream: RegisteredUpstream | null): RegisteredUpstream {
  if (!upstream) throw new NotFound('upstream');
  return upstream;
}

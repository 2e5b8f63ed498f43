import { Get, Post, Query } from '@nestjs/common';
import { ClientKeyRepository } from '../../../gateway/client-keys/client-key.repository.js';
import { RevokeClientKey } from '../../../gateway/client-keys/revoke-client-key.use-case.js';
import { UpstreamRepository } from '../../../gateway/upstreams/upstream.repository.js';
import { Id } from '../../../shared/http/fields/id.param.js';
import { AdminsOnly, Page } from '../../answers/page.decorator.js';
import { SeeOther, View } from '../../answers/view.js';
import type { Fields } from '../../forms/fields.js';
import { backToLast, pageOf } from '../../parts/pager.js';
import { ClientKeyList } from './client-key-list.js';

const PAGE_SIZE = 20;

@Page('console/keys')
@AdminsOnly()
export class ClientKeysPage {
  constructor(
    private readonly keys: ClientKeyRepository,
    private readonly upstreams: UpstreamRepository,
    private readonly revokeKey: RevokeClientKey,
  ) {}

  @Get()
  async list(@Query() query: Fields): Promise<View | SeeOther> {
    const page = pageOf(query);
    const { items, total } = await this.keys.page(page, PAGE_SIZE);
    const pages = { path: '/console/keys', page, pages: Math.ceil(total / PAGE_SIZE), total };
    const content = <ClientKeyList keys={items} upstreams={await this.upstreams.list()} pages={pages} />;
    return backToLast(pages) ?? new View({ title: 'Client keys', section: 'admin', content });
  }

  @Post(':id/revoke')
  async revoke(@Id('client key') id: number): Promise<SeeOther> {
    await this.revokeKey.execute(id);
    return new SeeOther('/console/keys', 'client_key_revoked');
  }
}

import { Body, Get, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { NewClientKey } from '../../../gateway/client-keys/client-keys.dto.js';
import { IssueClientKey } from '../../../gateway/client-keys/issue-client-key.use-case.js';
import type { RegisteredUpstream } from '../../../gateway/upstreams/upstream.entity.js';
import { UpstreamRepository } from '../../../gateway/upstreams/upstream.repository.js';
import { CurrentUser } from '../../../shared/http/decorators.js';
import type { Principal } from '../../../shared/principal.js';
import { AdminsOnly, Page } from '../../answers/page.decorator.js';
import { SeeOther, View } from '../../answers/view.js';
import { type Fields, readEntry } from '../../forms/fields.js';
import { type Problems, problemsOf } from '../../forms/problems.js';
import { OnceShown } from '../../session/once-shown.js';
import { BLAMED, ClientKeyForm, enteredKey, KEY_FIELDS } from './client-key-form.js';

@Page('console/keys')
@AdminsOnly()
export class NewClientKeyPage {
  constructor(
    private readonly issueKey: IssueClientKey,
    private readonly upstreams: UpstreamRepository,
    private readonly onceShown: OnceShown,
  ) {}

  @Get('new')
  async make(): Promise<View> {
    const upstreams = await this.upstreams.list();
    const usual = upstreams.find(({ isDefault, isActive }) => isDefault && isActive);
    return view({ upstream_ids: usual && String(usual.id) }, upstreams);
  }

  /** The page of the new key shows its text, this one time. */
  @Post()
  async issue(
    @CurrentUser() person: Principal,
    @Body() fields: Fields,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<View | SeeOther> {
    try {
      const entry = await readEntry(NewClientKey, enteredKey(fields));
      const { key, text } = await this.issueKey.execute(NewClientKey.propertiesOf(entry));
      const path = `/console/keys/${key.id}`;
      this.onceShown.keep(reply, person, path, { id: key.id, text });
      return new SeeOther(path);
    } catch (error) {
      return view(fields, await this.upstreams.list(), problemsOf(error, KEY_FIELDS, BLAMED));
    }
  }
}

function view(fields: Fields, upstreams: RegisteredUpstream[], problems?: Problems): View {
  const content = <ClientKeyForm fields={fields} upstreams={upstreams} problems={problems} />;
  return new View({ title: 'New client key', section: 'admin', content, status: problems?.status });
}

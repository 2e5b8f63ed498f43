import { Body, Get, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ChangeClientKey } from '../../../gateway/client-keys/change-client-key.use-case.js';
import type { IssuedClientKey } from '../../../gateway/client-keys/client-key.entity.js';
import { ClientKeyRepository } from '../../../gateway/client-keys/client-key.repository.js';
import { ClientKeyChanges } from '../../../gateway/client-keys/client-keys.dto.js';
import { RequestLogRepository } from '../../../gateway/request-logs/request-log.repository.js';
import { UpstreamRepository } from '../../../gateway/upstreams/upstream.repository.js';
import { NotFound } from '../../../shared/errors.js';
import { CurrentUser } from '../../../shared/http/decorators.js';
import { Id } from '../../../shared/http/fields/id.param.js';
import type { Principal } from '../../../shared/principal.js';
import { AdminsOnly, Page } from '../../answers/page.decorator.js';
import { SeeOther, View } from '../../answers/view.js';
import { type Fields, readEntry } from '../../forms/fields.js';
import { type Problems, problemsOf } from '../../forms/problems.js';
import { type NewSecret, OnceShown } from '../../session/once-shown.js';
import { BLAMED, enteredChanges, fieldsOf, KEY_FIELDS } from './client-key-form.js';
import { ClientKeyView } from './client-key-view.js';

interface Shown {
  fields?: Fields;
  problems?: Problems;
  secret?: NewSecret | null;
}

@Page('console/keys/:id')
@AdminsOnly()
export class ClientKeyPage {
  constructor(
    private readonly keys: ClientKeyRepository,
    private readonly upstreams: UpstreamRepository,
    private readonly logs: RequestLogRepository,
    private readonly changeKey: ChangeClientKey,
    private readonly onceShown: OnceShown,
  ) {}

  @Get()
  async show(
    @Id('client key') id: number,
    @CurrentUser() person: Principal,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<View> {
    const secret = this.onceShown.take(request, reply, person, `/console/keys/${id}`);
    return this.view(await this.find(id), { secret: secret?.id === id ? secret : null });
  }

  @Post()
  async change(@Id('client key') id: number, @Body() fields: Fields): Promise<View | SeeOther> {
    const key = await this.find(id);
    try {
      const entry = await readEntry(ClientKeyChanges, enteredChanges(fields));
      await this.changeKey.execute(id, ClientKeyChanges.changesOf(entry));
      return new SeeOther('/console/keys', 'client_key_changed');
    } catch (error) {
      return this.view(key, { fields, problems: problemsOf(error, KEY_FIELDS, BLAMED) });
    }
  }

  private async find(id: number): Promise<IssuedClientKey> {
    const key = await this.keys.find(id);
    if (!key) throw new NotFound('client key');
    return key;
  }

  private async view(issued: IssuedClientKey, { fields = fieldsOf(issued), problems, secret }: Shown): Promise<View> {
    const facts = { issued, upstreams: await this.upstreams.list(), totals: await this.logs.totalsOf(issued.id) };
    const content = <ClientKeyView {...facts} fields={fields} problems={problems} secret={secret ?? null} />;
    return new View({ title: issued.name, section: 'admin', content, status: problems?.status });
  }
}

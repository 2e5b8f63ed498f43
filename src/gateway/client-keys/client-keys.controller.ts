import { Body, Controller, Delete, Get, Header, HttpCode, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { AdminGuard } from '../../auth/admin/admin.guard.js';
import { Clock } from '../../shared/time/clock.port.js';
import { ADMIN_SCHEME, GuardedBy } from '../../shared/http/decorators.js';
import { Id } from '../../shared/http/fields/id.param.js';
import { Refuses } from '../../shared/http/refuses.js';
import { ChangeClientKey } from './change-client-key.use-case.js';
import { ClientKeyRepository } from './client-key.repository.js';
import {
  ClientKeyChanges,
  ClientKeyPage,
  ClientKeyPageQuery,
  ListedClientKey,
  NewClientKey,
  NewlyIssuedClientKey,
} from './client-keys.dto.js';
import { IssueClientKey } from './issue-client-key.use-case.js';
import { RevokeClientKey } from './revoke-client-key.use-case.js';

const ID = { name: 'id', type: 'integer', description: 'The number of the client key.', example: 7 } as const;

@ApiTags('Gateway: client keys')
@Controller('admin/keys')
@GuardedBy(AdminGuard, ADMIN_SCHEME)
export class ClientKeysController {
  constructor(
    private readonly issueKey: IssueClientKey,
    private readonly changeKey: ChangeClientKey,
    private readonly revokeKey: RevokeClientKey,
    private readonly keys: ClientKeyRepository,
    private readonly clock: Clock,
  ) {}

  /** Issues a client key. Its text is shown this one time. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiCreatedResponse({ type: NewlyIssuedClientKey })
  @Refuses(400, 403, 413, 415, 422)
  async issue(@Body() body: NewClientKey): Promise<NewlyIssuedClientKey> {
    const { key, text } = await this.issueKey.execute(NewClientKey.propertiesOf(body));
    return NewlyIssuedClientKey.with(key, text, this.clock.now());
  }

  /** All client keys, newest first, revoked and expired ones included. */
  @Get()
  @ApiOkResponse({ type: ClientKeyPage })
  @Refuses(403, 422)
  async list(@Query() query: ClientKeyPageQuery): Promise<ClientKeyPage> {
    return ClientKeyPage.of(await this.keys.page(query.page, query.page_size), query, this.clock.now());
  }

  /** Changes what is given and leaves the rest. The next request of the key sees it. */
  @Put(':id')
  @ApiParam(ID)
  @ApiOkResponse({ type: ListedClientKey })
  @Refuses(400, 403, 404, 409, 413, 415, 422)
  async change(@Id('client key') id: number, @Body() body: ClientKeyChanges): Promise<ListedClientKey> {
    return ListedClientKey.of(await this.changeKey.execute(id, ClientKeyChanges.changesOf(body)), this.clock.now());
  }

  /** Revokes a client key: it opens nothing from now on. Doing so again changes nothing. */
  @Delete(':id')
  @HttpCode(204)
  @ApiParam(ID)
  @ApiNoContentResponse({ description: 'The client key is revoked.' })
  @Refuses(403, 404)
  revoke(@Id('client key') id: number): Promise<void> {
    return this.revokeKey.execute(id);
  }
}

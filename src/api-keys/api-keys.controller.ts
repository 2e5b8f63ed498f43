import { Body, Controller, Delete, Get, HttpCode, Post, Put, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { owned } from '../shared/errors.js';
import { CurrentUser } from '../shared/http/decorators.js';
import { Id } from '../shared/http/fields/id.param.js';
import { Refuses } from '../shared/http/refuses.js';
import type { Principal } from '../shared/principal.js';
import { AddKey } from './keeping/add-key.use-case.js';
import { ApiKeyChanges, ApiKeyList, ApiKeyListQuery, NewApiKey, pageOf, ShownApiKey } from './api-key.dto.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ChangeKey } from './keeping/change-key.use-case.js';
import { RemoveKey } from './keeping/remove-key.use-case.js';
import { ValidateKey } from './checking/validate-key.use-case.js';

const KeyId = () => ApiParam({ name: 'id', type: 'integer', description: 'The id of the key.', example: 12 });

@ApiTags('Keys')
@Controller('api/keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly addKey: AddKey,
    private readonly changeKey: ChangeKey,
    private readonly removeKey: RemoveKey,
    private readonly validateKey: ValidateKey,
  ) {}

  /**
   * Adds a key.
   *
   * OpenRouter is asked about it at once: a key that OpenRouter refuses is refused here too (422); when OpenRouter cannot
   * be reached, the key is stored as `unverified` and checked later.
   */
  @Post()
  @ApiCreatedResponse({ type: ShownApiKey })
  @Refuses(400, 401, 409, 413, 415, 422, 429, 503)
  async add(@CurrentUser() user: Principal, @Body() { name, key }: NewApiKey): Promise<ShownApiKey> {
    return ShownApiKey.of(await this.addKey.execute(user.id, name, key));
  }

  /** Lists your keys. */
  @Get()
  @ApiOkResponse({ type: ApiKeyList })
  @Refuses(401, 422)
  async list(@CurrentUser() user: Principal, @Query() query: ApiKeyListQuery): Promise<ApiKeyList> {
    const { items, total } = await this.keys.page(user.id, pageOf(query));
    return { items: items.map((key) => ShownApiKey.of(key)), total, skip: query.skip, limit: query.limit };
  }

  /** Shows one key. */
  @Get(':id')
  @KeyId()
  @ApiOkResponse({ type: ShownApiKey })
  @Refuses(401, 403, 404, 422)
  async show(@CurrentUser() user: Principal, @Id('key') id: number): Promise<ShownApiKey> {
    return ShownApiKey.of(owned(await this.keys.find(id), user.id, 'key'));
  }

  /** Renames a key, switches it off or on, or replaces its secret. */
  @Put(':id')
  @KeyId()
  @ApiOkResponse({ type: ShownApiKey })
  @Refuses(400, 401, 403, 404, 409, 413, 415, 422, 429, 503)
  async change(
    @CurrentUser() user: Principal,
    @Id('key') id: number,
    @Body() { name, is_active, key }: ApiKeyChanges,
  ): Promise<ShownApiKey> {
    return ShownApiKey.of(await this.changeKey.execute(user.id, id, { name, isSwitchedOn: is_active, pasted: key }));
  }

  /**
   * Forgets a key and its usage; with your last management key, also the keys that were discovered through it. At
   * OpenRouter the key stays as it is.
   */
  @Delete(':id')
  @KeyId()
  @HttpCode(204)
  @ApiNoContentResponse()
  @Refuses(401, 403, 404, 422)
  remove(@CurrentUser() user: Principal, @Id('key') id: number): Promise<void> {
    return this.removeKey.execute(user.id, id);
  }

  /**
   * Asks OpenRouter now whether a key works.
   *
   * When OpenRouter cannot be asked, the answer shows the last known status and when it was learnt.
   */
  @Post(':id/validate')
  @KeyId()
  @HttpCode(200)
  @ApiOkResponse({ type: ShownApiKey })
  @Refuses(400, 401, 403, 404, 409, 422, 429, 503)
  async validate(@CurrentUser() user: Principal, @Id('key') id: number): Promise<ShownApiKey> {
    return ShownApiKey.of(await this.validateKey.execute(user.id, id));
  }
}

import { Body, Controller, Delete, Get, Header, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { Clock } from '../shared/time/clock.port.js';
import { CurrentUser } from '../shared/http/decorators.js';
import { Id } from '../shared/http/fields/id.param.js';
import { Refuses } from '../shared/http/refuses.js';
import type { Principal } from '../shared/principal.js';
import { IssueToken } from './issue-token.use-case.js';
import { RevokeToken } from './revoke-token.use-case.js';
import { TokenRepository } from './token.repository.js';
import { IssuedToken, ListedToken, NewToken, TokenListQuery } from './tokens.dto.js';

@ApiTags('API tokens')
@Controller('api/tokens')
export class TokensController {
  constructor(
    private readonly issueToken: IssueToken,
    private readonly revokeToken: RevokeToken,
    private readonly tokens: TokenRepository,
    private readonly clock: Clock,
  ) {}

  /** Issues a token for the public API. Its text is shown this one time; there may be only so many active ones. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiCreatedResponse({ type: IssuedToken })
  @Refuses(400, 401, 409, 413, 415, 422)
  async issue(@CurrentUser() user: Principal, @Body() body: NewToken): Promise<IssuedToken> {
    return IssuedToken.of(await this.issueToken.execute(user.id, body.name, NewToken.expiryOf(body)));
  }

  /** Your newest 1,000 tokens, newest first. Expired ones are among them, revoked ones only if you ask. */
  @Get()
  @ApiOkResponse({ type: [ListedToken] })
  @Refuses(401, 422)
  async list(@CurrentUser() user: Principal, @Query() query: TokenListQuery): Promise<ListedToken[]> {
    const tokens = await this.tokens.listOf(user.id, query.include_revoked);
    return tokens.map((token) => ListedToken.of(token, this.clock.now()));
  }

  /** Revokes a token: it opens nothing from now on. Doing so again changes nothing. */
  @Delete(':id')
  @HttpCode(204)
  @ApiParam({ name: 'id', type: 'integer', description: 'The number of the token.', example: 12 })
  @ApiNoContentResponse({ description: 'The token is revoked.' })
  @Refuses(401, 403, 404, 422)
  revoke(@CurrentUser() user: Principal, @Id('token') id: number): Promise<void> {
    return this.revokeToken.execute(user.id, id);
  }
}

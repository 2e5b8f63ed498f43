import { Body, Get, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CurrentUser } from '../../shared/http/decorators.js';
import { Id } from '../../shared/http/fields/id.param.js';
import type { Principal } from '../../shared/principal.js';
import { IssueToken } from '../../tokens/issue-token.use-case.js';
import { RevokeToken } from '../../tokens/revoke-token.use-case.js';
import { TokenRepository } from '../../tokens/token.repository.js';
import { NewToken } from '../../tokens/tokens.dto.js';
import { Page } from '../answers/page.decorator.js';
import { SeeOther, View } from '../answers/view.js';
import { type Fields, readForm, textOf } from '../forms/fields.js';
import { instantOf } from '../forms/instant.js';
import { type Problems, problemsOf } from '../forms/problems.js';
import { Icon } from '../parts/icon.js';
import { PageHead } from '../parts/page-head.js';
import { type NewSecret, OnceShown } from '../session/once-shown.js';
import { NewTokenCard } from './new-token.js';
import { ShownToken } from './shown-token.js';
import { TokenList } from './token-list.js';

const FIELDS = ['name', 'expires_at'] as const;

@Page('tokens')
export class TokensPage {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly issueToken: IssueToken,
    private readonly revokeToken: RevokeToken,
    private readonly onceShown: OnceShown,
  ) {}

  @Get()
  show(
    @CurrentUser() person: Principal,
    @Query() query: Fields,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<View> {
    const secret = this.onceShown.take(request, reply, person, '/tokens');
    return this.view(person, { withRevoked: query.revoked === 'true', secret });
  }

  /** The next page shows the token, and only that one. */
  @Post()
  async issue(
    @CurrentUser() person: Principal,
    @Body() fields: Fields,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<View | SeeOther> {
    try {
      const entered = { ...fields, expires_at: instantOf(textOf(fields, 'expires_at')) };
      const wanted = await readForm(NewToken, entered, FIELDS);
      const { token, text } = await this.issueToken.execute(person.id, wanted.name, NewToken.expiryOf(wanted));
      this.onceShown.keep(reply, person, '/tokens', { id: token.id, text });
      return new SeeOther('/tokens');
    } catch (error) {
      return this.view(person, { fields, problems: problemsOf(error, FIELDS) });
    }
  }

  @Post(':id/revoke')
  async revoke(@CurrentUser() person: Principal, @Id('token') id: number): Promise<SeeOther> {
    await this.revokeToken.execute(person.id, id);
    return new SeeOther('/tokens', 'token_revoked');
  }

  private async view(person: Principal, shown: Shown): Promise<View> {
    const tokens = await this.tokens.listOf(person.id, shown.withRevoked ?? false);
    const content = <Tokens tokens={tokens} {...shown} />;
    return new View({ title: 'API tokens', section: 'tokens', content, status: shown.problems?.status });
  }
}

interface Shown {
  withRevoked?: boolean;
  secret?: NewSecret | null;
  fields?: Fields;
  problems?: Problems;
}

function Tokens({ tokens, secret, withRevoked, fields = {}, problems }: Shown & Pick<ListProps, 'tokens'>) {
  return (
    <>
      <PageHead
        title="API tokens"
        lead="With a token a program can read your usage. It cannot see or change your keys."
      >
        <a role="button" class="secondary" href="/docs">
          <Icon name="book" />
          What the API offers
        </a>
      </PageHead>
      {secret && <ShownToken secret={secret} />}
      <NewTokenCard fields={fields} problems={problems} />
      <TokenList tokens={tokens} withRevoked={withRevoked ?? false} />
    </>
  );
}

type ListProps = Parameters<typeof TokenList>[0];

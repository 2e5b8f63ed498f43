import { Module } from '@nestjs/common';
import { AuthenticateToken } from './authenticate-token.use-case.js';
import { IssueToken } from './issue-token.use-case.js';
import { RevokeToken } from './revoke-token.use-case.js';
import { TokenGuesses } from './token-guesses.js';
import { TokenUses } from './token-uses.js';
import { MikroTokenRepository } from './token.repository.mikro.js';
import { TokenRepository } from './token.repository.js';
import { TokensController } from './tokens.controller.js';

/** API tokens: people issue and revoke them, programs show them at the public API. */
@Module({
  controllers: [TokensController],
  providers: [
    AuthenticateToken,
    IssueToken,
    RevokeToken,
    TokenGuesses,
    TokenUses,
    { provide: TokenRepository, useClass: MikroTokenRepository },
  ],
  exports: [AuthenticateToken, IssueToken, RevokeToken, TokenRepository],
})
export class TokensModule {}

import { Injectable } from '@nestjs/common';
import { Clock } from '../shared/time/clock.port.js';
import { fingerprint } from '../shared/secrets/secret.js';
import { TokenGuesses } from './token-guesses.js';
import { isTokenText } from './token-text.js';
import { type TokenBearer, TokenRepository } from './token.repository.js';
import { TokenUses } from './token-uses.js';

@Injectable()
export class AuthenticateToken {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly guesses: TokenGuesses,
    private readonly uses: TokenUses,
    private readonly clock: Clock,
  ) {}

  /** Tells who stands behind a token that works right now, asked anew each time; null for any other text. */
  async execute(text: string, ip: string): Promise<TokenBearer | null> {
    if (!isTokenText(text)) return null;
    const tokenHash = fingerprint(text);
    if (!(await this.guesses.mayBeLookedUp(tokenHash, ip))) return null;
    const bearer = await this.tokens.findBearer(tokenHash);
    if (!bearer || (bearer.expiresAt && bearer.expiresAt <= this.clock.now())) {
      await this.guesses.wasWrong(tokenHash, ip);
      return null;
    }
    this.guesses.wasRight(tokenHash);
    this.uses.note(bearer.tokenId);
    return bearer;
  }
}

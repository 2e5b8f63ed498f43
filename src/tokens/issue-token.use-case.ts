import { Injectable } from '@nestjs/common';
import { AuditLog } from '../shared/audit.port.js';
import { Clock } from '../shared/time/clock.port.js';
import { Config } from '../shared/config.js';
import { fingerprint } from '../shared/secrets/secret.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';
import { newTokenText } from './token-text.js';
import { Token, TokenLimitReached } from './token.entity.js';
import { TokenRepository } from './token.repository.js';

@Injectable()
export class IssueToken {
  constructor(
    private readonly tokens: TokenRepository,
    private readonly config: Config,
    private readonly clock: Clock,
    private readonly audit: AuditLog,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** Returns the text once; afterwards nobody, this service included, can read it. */
  execute(userId: number, name: string, expiresAt: Date | null): Promise<{ token: Token; text: string }> {
    return this.unitOfWork.runAlone(`tokens of user ${userId}`, async () => {
      const now = this.clock.now();
      const text = newTokenText();
      const token = new Token(userId, name, fingerprint(text), now, expiresAt);
      const limit = this.config.MAX_API_TOKENS_PER_USER;
      if ((await this.tokens.countActive(userId, now)) >= limit) throw new TokenLimitReached(limit);
      this.tokens.add(token);
      await this.tokens.flush();
      await this.audit.record({ action: 'token.issued', target: `token:${token.id}` });
      return { token, text };
    });
  }
}

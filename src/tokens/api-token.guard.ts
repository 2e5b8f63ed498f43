import { createParamDecorator, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ThrottlerGuard, type ThrottlerLimitDetail, type ThrottlerRequest } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf } from '../shared/http/bearer.js';
import { tellAllowance } from '../shared/http/rate-limit.headers.js';
import { RateLimitStorage } from '../shared/http/rate-limit.storage.js';
import { Config } from '../shared/config.js';
import { TooManyRequests } from '../shared/errors.js';
import { RateLimitStore } from '../shared/limits/rate-limit.port.js';
import { nameOf } from './api-calls.js';
import { AuthenticateToken } from './authenticate-token.use-case.js';
import { InvalidToken } from './token.entity.js';
import type { TokenBearer } from './token.repository.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by ApiTokenGuard. */
    tokenBearer?: TokenBearer;
  }
}

/** The owner of the API token that the request came with. */
export const TokenOwner = createParamDecorator((_: unknown, context: ExecutionContext): number => {
  const { tokenBearer } = requestOf(context);
  if (!tokenBearer) throw new Error('TokenOwner was asked for on a route that ApiTokenGuard does not guard.');
  return tokenBearer.userId;
});

/**
 * Lets programs with an API token in, each token so many times per window. Calls without a token that works are counted
 * by address; whatever is answered, its headers say what is left.
 */
@Injectable()
export class ApiTokenGuard extends ThrottlerGuard {
  constructor(
    // Named, because Nest would otherwise put in the first two places what ThrottlerGuard asks for there.
    @Inject(Config) private readonly config: Config,
    @Inject(RateLimitStore) counters: RateLimitStore,
    reflector: Reflector,
    private readonly authenticate: AuthenticateToken,
  ) {
    const usual = { limit: config.RATE_LIMIT_IP_REQUESTS, ttl: config.RATE_LIMIT_IP_WINDOW * 1000 };
    super([usual], new RateLimitStorage(counters), reflector);
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = requestOf(context);
    request.tokenBearer = (await this.authenticate.execute(bearerOf(request) ?? '', request.ip)) ?? undefined;
    await this.handleRequest(this.throttleOf(context, request));
    if (!request.tokenBearer) throw new InvalidToken();
    return true;
  }

  /**
   * What ThrottlerGuard would look for in seven kinds of decorators at each call; nobody uses them here. There is one
   * allowance for all routes together.
   */
  private throttleOf(context: ExecutionContext, { tokenBearer, ip }: FastifyRequest): ThrottlerRequest {
    const { RATE_LIMIT_REQUESTS, RATE_LIMIT_WINDOW, RATE_LIMIT_IP_REQUESTS, RATE_LIMIT_IP_WINDOW } = this.config;
    const limit = tokenBearer ? RATE_LIMIT_REQUESTS : RATE_LIMIT_IP_REQUESTS;
    const ttl = (tokenBearer ? RATE_LIMIT_WINDOW : RATE_LIMIT_IP_WINDOW) * 1000;
    const name = tokenBearer ? `api-token:${tokenBearer.tokenId}` : nameOf(ip);
    const [throttler] = this.throttlers;
    const named = () => name;
    return { context, limit, ttl, blockDuration: ttl, throttler: throttler!, getTracker: named, generateKey: named };
  }

  protected override async throwThrottlingException(
    context: ExecutionContext,
    { limit, timeToBlockExpire: secondsLeft }: ThrottlerLimitDetail,
  ): Promise<void> {
    tellAllowance(context.switchToHttp().getResponse<FastifyReply>(), { limit, remaining: 0, secondsLeft });
    const reason = requestOf(context).tokenBearer
      ? 'This token was used'
      : 'There were calls without a valid API token';
    throw new TooManyRequests(`${reason} too often. Try again in ${secondsLeft} seconds.`, secondsLeft);
  }
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}

import { createParamDecorator, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ThrottlerGuard, type ThrottlerLimitDetail } from '@nestjs/throttler';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bearerOf } from '../shared/http/bearer.js';
import { Config } from '../shared/config.js';
import { TooManyRequests } from '../shared/errors.js';
import { networkOf } from '../shared/limits/network.js';
import { RateLimitStorage } from '../shared/http/rate-limit.storage.js';
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
    @Inject(Config) config: Config,
    @Inject(RateLimitStore) counters: RateLimitStore,
    reflector: Reflector,
    private readonly authenticate: AuthenticateToken,
  ) {
    const isToken = (context: ExecutionContext) => Boolean(requestOf(context).tokenBearer);
    const limit = (context: ExecutionContext) =>
      isToken(context) ? config.RATE_LIMIT_REQUESTS : config.RATE_LIMIT_IP_REQUESTS;
    const seconds = (context: ExecutionContext) =>
      isToken(context) ? config.RATE_LIMIT_WINDOW : config.RATE_LIMIT_IP_WINDOW;
    const throttler = { limit, ttl: (context: ExecutionContext) => seconds(context) * 1000 };
    super([throttler], new RateLimitStorage(counters), reflector);
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = requestOf(context);
    const text = bearerOf(request) ?? '';
    request.tokenBearer = (await this.authenticate.execute(text, networkOf(request.ip))) ?? undefined;
    await super.canActivate(context);
    if (!request.tokenBearer) throw new InvalidToken();
    return true;
  }

  protected override async getTracker(request: FastifyRequest): Promise<string> {
    return request.tokenBearer ? `api-token:${request.tokenBearer.tokenId}` : nameOf(request.ip);
  }

  /** One allowance for all routes together. */
  protected override generateKey(_context: ExecutionContext, tracker: string): string {
    return tracker;
  }

  protected override async throwThrottlingException(
    context: ExecutionContext,
    { limit, timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    reply.headers({
      'X-RateLimit-Limit': limit,
      'X-RateLimit-Remaining': 0,
      'X-RateLimit-Reset': timeToBlockExpire,
    });
    const wait = `Try again in ${timeToBlockExpire} seconds.`;
    const reason = requestOf(context).tokenBearer
      ? 'This token was used'
      : 'There were calls without a valid API token';
    throw new TooManyRequests(`${reason} too often. ${wait}`, timeToBlockExpire);
  }
}

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}

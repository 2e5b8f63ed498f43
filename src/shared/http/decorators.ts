import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  SetMetadata,
  type Type,
  UseGuards,
} from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Principal } from '../principal.js';
import { NoQuery } from './no-query.guard.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard that let the request in. */
    principal?: Principal;
  }
}

export const OPEN = 'open';
export const OTHER_GUARD = 'other-guard';

/** The names of the security schemes in the OpenAPI document. */
export const SESSION_SCHEME = 'session';
export const API_TOKEN_SCHEME = 'api-token';
export const ADMIN_SCHEME = 'admin';

/** Anybody may call this. Without it (or GuardedBy) a route wants the JWT of a session. */
export const Open = () => applyDecorators(SetMetadata(OPEN, true), ApiSecurity({}));

/** Another guard than that of sessions decides who may call this; `scheme` is its name in the OpenAPI document. */
export const GuardedBy = (guard: Type<CanActivate>, scheme: string) =>
  applyDecorators(SetMetadata(OTHER_GUARD, true), UseGuards(guard, NoQuery), ApiBearerAuth(scheme));

/** The person whose session the request came with. */
export const CurrentUser = createParamDecorator((_: unknown, context: ExecutionContext): Principal => {
  const { principal } = context.switchToHttp().getRequest<FastifyRequest>();
  if (!principal) throw new Error('CurrentUser was asked for on a route that no session guards.');
  return principal;
});

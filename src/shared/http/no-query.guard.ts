import { type CanActivate, type ExecutionContext, Injectable, RequestMethod } from '@nestjs/common';
import { METHOD_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { FastifyRequest } from 'fastify';
import { unknownFields } from './validation.js';

const OURS = /^\/(api|admin)\//;

/**
 * Refuses query parameters where none are read: whoever sends one believes that it does something. Stands behind every
 * guard that lets people in, so that strangers are told nothing of it. A guard, because interceptors cost each request more.
 */
@Injectable()
export class NoQuery implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { query, url } = context.switchToHttp().getRequest<FastifyRequest>();
    const names = Object.keys(query ?? {});
    if (names.length > 0 && OURS.test(url) && isRoute(context) && !readsQuery(context)) throw unknownFields(names);
    return true;
  }
}

/** What answers every method stands for the addresses that lead nowhere. */
function isRoute(context: ExecutionContext): boolean {
  return Reflect.getMetadata(METHOD_METADATA, context.getHandler()) !== RequestMethod.ALL;
}

function readsQuery(context: ExecutionContext): boolean {
  const { name } = context.getHandler();
  const read = (Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), name) ?? {}) as object;
  return Object.keys(read).some((key) => key.startsWith(`${RouteParamtypes.QUERY}:`));
}

import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/** Keeps the server from hanging up on whoever waits for an answer that takes minutes. */
@Injectable()
export class NoTimeLimit implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler) {
    context.switchToHttp().getRequest<FastifyRequest>().raw.socket.setTimeout(0);
    return next.handle();
  }
}

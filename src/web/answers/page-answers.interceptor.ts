import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mergeMap, type Observable } from 'rxjs';
import { PagePress } from './page-press.js';
import { SeeOther, View } from './view.js';

/** Turns what a page's route returns into an answer: a drawn page, or the way to the next one. */
@Injectable()
export class PageAnswers implements NestInterceptor {
  constructor(private readonly press: PagePress) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    return next.handle().pipe(mergeMap((answer: unknown) => this.finish(answer, request, reply)));
  }

  private async finish(answer: unknown, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (answer instanceof SeeOther) return this.press.send(answer, reply);
    return answer instanceof View ? this.press.print(answer, request, reply) : answer;
  }
}

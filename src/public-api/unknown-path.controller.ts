import { All, Controller, NotFoundException, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { tellMethods } from '../shared/http/allowed-methods.js';
import { API_TOKEN_SCHEME, GuardedBy } from '../shared/http/decorators.js';
import { ApiTokenGuard } from '../tokens/api-token.guard.js';

/** Whatever else is asked for under /api/v1: it wants a token and counts like any other call. */
@ApiExcludeController()
@GuardedBy(ApiTokenGuard, API_TOKEN_SCHEME)
@Controller('api/v1')
export class UnknownPathController {
  @All(['', '*'])
  notFound(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): void {
    if (!tellMethods(request, reply)) throw new NotFoundException();
  }
}

import { All, Controller, NotFoundException } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { API_TOKEN_SCHEME, GuardedBy } from '../shared/http/decorators.js';
import { ApiTokenGuard } from '../tokens/api-token.guard.js';

/** Whatever else is asked for under /api/v1: it wants a token and counts like any other call. */
@ApiExcludeController()
@GuardedBy(ApiTokenGuard, API_TOKEN_SCHEME)
@Controller('api/v1')
export class UnknownPathController {
  @All(['', '*'])
  notFound(): never {
    throw new NotFoundException();
  }
}

import { Module } from '@nestjs/common';
import { HttpOpenRouter } from './open-router.http.js';
import { OpenRouter } from './open-router.port.js';

@Module({
  providers: [{ provide: OpenRouter, useClass: HttpOpenRouter }],
  exports: [OpenRouter],
})
export class OpenRouterModule {}

import { Module } from '@nestjs/common';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { PublicApiController } from './public-api.controller.js';
import { UnknownPathController } from './unknown-path.controller.js';

/** Version 1 of what programs may read: a promise of its own, kept whatever changes inside. */
@Module({
  imports: [TokensModule, UsageModule],
  // In this order: the second one takes what the first one does not know.
  controllers: [PublicApiController, UnknownPathController],
})
export class PublicApiModule {}

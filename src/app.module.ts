import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import type { Logger } from 'pino';
import { ApiKeysModule } from './api-keys/api-keys.module.js';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { DatabaseModule } from './database/database.module.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { HealthModule } from './health/health.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { NotificationsModule } from './notifications/notifications.module.js';
import { OpenRouterModule } from './open-router/open-router.module.js';
import { PublicApiModule } from './public-api/public-api.module.js';
import { CountingModule } from './counting/counting.module.js';
import type { Clock } from './shared/time/clock.port.js';
import type { Config } from './shared/config.js';
import { newValidationPipe } from './shared/http/validation.js';
import { SharedModule } from './shared/shared.module.js';
import { TokensModule } from './tokens/tokens.module.js';
import { UsageModule } from './usage/usage.module.js';
import { ErrorFilter } from './web/answers/error.filter.js';
import { WebModule } from './web/web.module.js';

/** The whole service: one line per module, and what holds for every route. */
@Module({})
export class AppModule {
  static with(config: Config, logger: Logger, clock: Clock): DynamicModule {
    return {
      module: AppModule,
      imports: [
        SharedModule.with(config, logger, clock),
        DatabaseModule.with(config),
        AuditModule,
        AuthModule,
        ApiKeysModule,
        GatewayModule,
        HealthModule,
        NotificationsModule,
        OpenRouterModule,
        PublicApiModule,
        CountingModule,
        TokensModule,
        UsageModule,
        JobsModule,
        WebModule,
      ],
      providers: [
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: APP_PIPE, useFactory: newValidationPipe },
      ],
    };
  }
}

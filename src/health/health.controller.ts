import { Controller, Get, Header, Res, SetMetadata, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiSecurity, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Open, OTHER_GUARD } from '../shared/http/decorators.js';
import { Refuses } from '../shared/http/refuses.js';
import { Departure } from './departure.js';
import { Health, ReadinessReport } from './health.dto.js';
import { Metrics } from './metrics.js';
import { MetricsGuard } from './metrics.guard.js';
import { Readiness } from './readiness.js';

@ApiTags('Health')
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly departure: Departure,
    private readonly figures: Metrics,
  ) {}

  /** Whether the process lives. */
  @Get('health')
  @Open()
  @ApiOkResponse({ type: Health })
  health(): Health {
    return { status: 'ok' };
  }

  /** Whether the service can do its work: database, migrations, Redis, jobs. */
  @Get('ready')
  @Open()
  @ApiOkResponse({ type: ReadinessReport })
  @ApiServiceUnavailableResponse({
    type: ReadinessReport,
    description: 'Something that it needs is down, or it is about to stop.',
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<ReadinessReport> {
    const report = ReadinessReport.of(await this.readiness.checks(), this.departure.isNear);
    reply.status(report.status === 'up' ? 200 : 503).header('Cache-Control', 'no-store');
    return report;
  }

  /** Figures for Prometheus: with METRICS_TOKEN as bearer token; without that setting, from the same machine only. */
  @Get('metrics')
  @SetMetadata(OTHER_GUARD, true)
  @UseGuards(MetricsGuard)
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  @ApiSecurity({})
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' }, description: 'Prometheus text.' })
  @Refuses(403)
  metrics(): Promise<string> {
    return this.figures.text();
  }
}

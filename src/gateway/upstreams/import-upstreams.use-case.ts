import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config, InvalidSetting } from '../../shared/config.js';
import { DomainError } from '../../shared/errors.js';
import { LOGGER } from '../../shared/tokens.js';
import { GatewayWrites } from '../directories/gateway-writes.js';
import { UpstreamIntake } from './upstream-intake.js';
import { UpstreamRepository } from './upstream.repository.js';

type Listed = Config['UPSTREAMS'][number];

/** The upstreams of the environment become rows once; from then on the rows count. */
@Injectable()
export class ImportUpstreams {
  constructor(
    private readonly config: Config,
    private readonly upstreams: UpstreamRepository,
    private readonly intake: UpstreamIntake,
    private readonly writes: GatewayWrites,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Throws InvalidSetting where an upstream of UPSTREAMS cannot be taken in; then none is. */
  async execute(): Promise<void> {
    const listed = this.config.UPSTREAMS;
    if (listed.length === 0) return;
    const imported = await this.writes.run(async () => {
      if (!(await this.upstreams.isEmpty())) return 0;
      const chosen = listed.findIndex(({ is_default }) => is_default);
      for (const [index, upstream] of listed.entries()) await this.take(upstream, index === chosen);
      return listed.length;
    });
    if (imported > 0) this.tell(listed);
  }

  private async take(upstream: Listed, isDefault: boolean): Promise<void> {
    const { name, provider, base_url: baseUrl, timeout: timeoutSeconds } = upstream;
    const properties = { name, provider: provider.toLowerCase(), baseUrl, timeoutSeconds, isDefault, isActive: true };
    try {
      this.intake.checkAddress(baseUrl);
      await this.intake.enter(properties, { secret: upstream.api_key });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      throw new InvalidSetting('UPSTREAMS', `holds the upstream "${name}" that cannot be used: ${error.message}`);
    }
  }

  private tell(listed: readonly Listed[]): void {
    const defaults = listed.filter(({ is_default }) => is_default).map(({ name }) => name);
    this.logger.info({ upstreams: listed.map(({ name }) => name) }, 'The upstreams of UPSTREAMS were imported.');
    if (defaults.length > 1) {
      this.logger.warn({ defaults }, `UPSTREAMS names several defaults. The first one, "${defaults[0]}", is it.`);
    }
    if (defaults.length === 0) {
      this.logger.info('UPSTREAMS names no default: each client key uses the first upstream that it was granted.');
    }
  }
}

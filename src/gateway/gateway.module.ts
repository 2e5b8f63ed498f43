import {
  type BeforeApplicationShutdown,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import type { Logger } from 'pino';
import { OpenRouterModule } from '../open-router/open-router.module.js';
import { Clock } from '../shared/time/clock.port.js';
import { Config } from '../shared/config.js';
import { LOGGER } from '../shared/tokens.js';
import { ChangeClientKey } from './client-keys/change-client-key.use-case.js';
import { MikroClientKeyRepository } from './client-keys/client-key.repository.mikro.js';
import { ClientKeyRepository } from './client-keys/client-key.repository.js';
import { ClientKeysController } from './client-keys/client-keys.controller.js';
import { IssueClientKey } from './client-keys/issue-client-key.use-case.js';
import { RevokeClientKey } from './client-keys/revoke-client-key.use-case.js';
import { UpstreamGrants } from './client-keys/upstream-grants.js';
import { PicturedClientKeyDirectory } from './directories/client-key-directory.picture.js';
import { GatewayPicture } from './directories/gateway-picture.js';
import { MikroGatewayState } from './directories/gateway-state.reports.mikro.js';
import { GatewayState } from './directories/gateway-state.reports.js';
import { GatewayWrites } from './directories/gateway-writes.js';
import { PicturedUpstreamDirectory } from './directories/upstream-directory.picture.js';
import { BudgetDesk } from './limits/budget-desk.js';
import { MikroBudgetRepository } from './limits/budget.repository.mikro.js';
import { BudgetRepository } from './limits/budget.repository.js';
import { CallBudgets } from './limits/call-budgets.js';
import { CallEstimate } from './limits/call-estimate.js';
import { CountedCallLimits } from './limits/call-limits.counted.js';
import { ExpiredReservations } from './limits/expired-reservations.js';
import { ReportedKeyUsage } from './limits/key-usage.report.js';
import { MikroModelPriceRepository } from './prices/model-price.repository.mikro.js';
import { ModelPriceRepository } from './prices/model-price.repository.js';
import { PriceListKeeper } from './prices/price-list.keeper.js';
import { PriceList } from './prices/price-list.js';
import { SyncPrices } from './prices/sync-prices.use-case.js';
import { CallPrices } from './proxy/call-prices.port.js';
import { AddressRules } from './proxy/addressing/address-rules.js';
import { CallLedger } from './proxy/call-ledger.port.js';
import { CallLimits } from './proxy/call-limits.port.js';
import { ClientKeyDirectory } from './proxy/access/client-key-directory.port.js';
import { KeyUsage } from './proxy/key-usage.port.js';
import { ProxyEngine } from './proxy/proxy-engine.js';
import { UpstreamConnections } from './proxy/forwarding/upstream-connections.js';
import { UpstreamDirectory } from './proxy/access/upstream-directory.port.js';
import { QueuedCallLedger } from './request-logs/call-ledger.queue.js';
import { CallStore } from './request-logs/call-store.js';
import { CleanUpLogs } from './request-logs/clean-up-logs.use-case.js';
import { GatewayFigures } from './request-logs/gateway-figures.js';
import { HttpGenerationSource } from './request-logs/settling/generation-source.http.js';
import { GenerationSource } from './request-logs/settling/generation-source.port.js';
import { LateSettlement } from './request-logs/settling/late-settlement.js';
import { LogDaysKeeper } from './request-logs/days/log-days.keeper.js';
import { MikroLogDays } from './request-logs/days/log-days.mikro.js';
import { LogDays } from './request-logs/days/log-days.port.js';
import { PrepareLogDays } from './request-logs/days/prepare-log-days.use-case.js';
import { RemoveLogDays } from './request-logs/days/remove-log-days.use-case.js';
import { LostCalls } from './request-logs/losses/lost-calls.js';
import { MikroOpenCallsRepository } from './request-logs/losses/open-calls.repository.mikro.js';
import { OpenCallsRepository } from './request-logs/losses/open-calls.repository.js';
import { MikroRequestLogRepository } from './request-logs/request-log.repository.mikro.js';
import { RequestLogRepository } from './request-logs/request-log.repository.js';
import { RequestLogsController } from './request-logs/request-logs.controller.js';
import { SettleCall } from './request-logs/settling/settle-call.use-case.js';
import { AddUpstream } from './upstreams/add-upstream.use-case.js';
import { ChangeUpstream } from './upstreams/change-upstream.use-case.js';
import { ImportUpstreams } from './upstreams/import-upstreams.use-case.js';
import { RemoveUpstream } from './upstreams/remove-upstream.use-case.js';
import { UpstreamIntake } from './upstreams/upstream-intake.js';
import { MikroUpstreamRepository } from './upstreams/upstream.repository.mikro.js';
import { UpstreamRepository } from './upstreams/upstream.repository.js';
import { UpstreamsController } from './upstreams/upstreams.controller.js';

/** Whoever stops a service kills it after half a minute or so. */
const STREAMS_END_WITHIN_MS = 25_000;

const UPSTREAMS = [
  AddUpstream,
  ChangeUpstream,
  ImportUpstreams,
  RemoveUpstream,
  UpstreamIntake,
  { provide: UpstreamRepository, useClass: MikroUpstreamRepository },
];

const CLIENT_KEYS = [
  ChangeClientKey,
  IssueClientKey,
  RevokeClientKey,
  UpstreamGrants,
  { provide: ClientKeyRepository, useClass: MikroClientKeyRepository },
];

const DIRECTORIES = [
  GatewayPicture,
  GatewayWrites,
  { provide: GatewayState, useClass: MikroGatewayState },
  { provide: ClientKeyDirectory, useClass: PicturedClientKeyDirectory },
  { provide: UpstreamDirectory, useClass: PicturedUpstreamDirectory },
];

const REQUEST_LOGS = [
  CallStore,
  CleanUpLogs,
  GatewayFigures,
  LateSettlement,
  LostCalls,
  SettleCall,
  LogDaysKeeper,
  PrepareLogDays,
  RemoveLogDays,
  { provide: LogDays, useClass: MikroLogDays },
  { provide: GenerationSource, useClass: HttpGenerationSource },
  { provide: OpenCallsRepository, useClass: MikroOpenCallsRepository },
  { provide: CallLedger, useClass: QueuedCallLedger },
  { provide: RequestLogRepository, useClass: MikroRequestLogRepository },
];

const LIMITS = [
  BudgetDesk,
  ExpiredReservations,
  CallBudgets,
  CallEstimate,
  { provide: BudgetRepository, useClass: MikroBudgetRepository },
  { provide: CallLimits, useClass: CountedCallLimits },
  { provide: KeyUsage, useClass: ReportedKeyUsage },
];

const PRICES = [
  PriceList,
  PriceListKeeper,
  SyncPrices,
  { provide: CallPrices, useExisting: PriceList },
  { provide: ModelPriceRepository, useClass: MikroModelPriceRepository },
];

const PROXY = [
  {
    provide: AddressRules,
    useFactory: (config: Config) => new AddressRules(config.UPSTREAM_ALLOWED_CIDRS),
    inject: [Config],
  },
  {
    provide: UpstreamConnections,
    useFactory: (rules: AddressRules) => new UpstreamConnections(rules),
    inject: [AddressRules],
  },
  {
    provide: ProxyEngine,
    useFactory: newEngine,
    inject: [
      ClientKeyDirectory,
      UpstreamDirectory,
      CallLimits,
      CallLedger,
      CallPrices,
      KeyUsage,
      UpstreamConnections,
      Clock,
      LOGGER,
      Config,
    ],
  },
];

/** Client keys in front of upstreams: who may call what, what was called, and what it cost. */
@Module({
  imports: [OpenRouterModule],
  controllers: [ClientKeysController, RequestLogsController, UpstreamsController],
  providers: [...UPSTREAMS, ...CLIENT_KEYS, ...DIRECTORIES, ...REQUEST_LOGS, ...LIMITS, ...PRICES, ...PROXY],
  exports: [
    ChangeClientKey,
    IssueClientKey,
    RevokeClientKey,
    ClientKeyRepository,
    AddUpstream,
    ChangeUpstream,
    RemoveUpstream,
    UpstreamRepository,
    CleanUpLogs,
    RequestLogRepository,
    ProxyEngine,
    GatewayFigures,
  ],
})
export class GatewayModule implements OnApplicationBootstrap, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly importUpstreams: ImportUpstreams,
    private readonly engine: ProxyEngine,
    private readonly connections: UpstreamConnections,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.importUpstreams.execute();
  }

  /** The web server waits for the answers that are under way, but not longer than this. */
  beforeApplicationShutdown(): void {
    this.engine.stop(STREAMS_END_WITHIN_MS);
  }

  /** The web server has answered its last request by now. */
  onApplicationShutdown(): Promise<void> {
    return this.connections.destroy();
  }
}

function newEngine(
  keys: ClientKeyDirectory,
  upstreams: UpstreamDirectory,
  limits: CallLimits,
  ledger: CallLedger,
  prices: CallPrices,
  usage: KeyUsage,
  connections: UpstreamConnections,
  clock: Clock,
  logger: Logger,
  config: Config,
): ProxyEngine {
  const ports = { keys, upstreams, limits, ledger, prices, usage, connections, clock, logger };
  return new ProxyEngine(ports, { prefix: config.PROXY_PREFIX, bodyLimit: config.PROXY_BODY_LIMIT });
}

import { randomUUID } from 'node:crypto';
import { MikroORM } from '@mikro-orm/core';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { AppModule } from './app.module.js';
import { guardAdminAddresses } from './auth/admin/admin-door.js';
import { AdminGuard } from './auth/admin/admin.guard.js';
import { migrate } from './database/migrate.js';
import { inRequestScope } from './database/request-scope.js';
import { ProxyDoor } from './gateway/proxy/proxy-door.js';
import { ProxyEngine } from './gateway/proxy/proxy-engine.js';
import { Metrics } from './health/metrics.js';
import { UnfinishedRemovals } from './jobs/unfinished-removals.js';
import { openApi } from './openapi.js';
import { Cipher } from './shared/secrets/cipher.port.js';
import type { Clock } from './shared/time/clock.port.js';
import { SystemClock } from './shared/time/clock.system.js';
import type { Config } from './shared/config.js';
import { currentRequest } from './shared/logging/current-request.js';
import { answerOptions, knowAllowedMethods } from './shared/http/allowed-methods.js';
import { hangUpWhenClosing } from './shared/http/hang-up.js';
import { problemOf, sendProblem } from './shared/http/problem.js';
import { readableAddress, readOnlyJson, refuseAmbiguousRequests } from './shared/http/request-guards.js';
import { protectAnswers } from './shared/http/security-headers.js';
import { refuserOfUnreadable } from './shared/http/unreadable-requests.js';
import { RateLimitStore } from './shared/limits/rate-limit.port.js';
import { countEveryCall } from './tokens/api-calls.js';
import { NestLog } from './shared/logging/logger.js';
import { isForConsole } from './web/delivery/page-address.js';
import { preparePages } from './web/delivery/prepare-pages.js';

const BODY_LIMIT = 65_536;
/** Slow senders are looked for every so often, so that nobody has more than 30 s for the headers and 60 s in all. */
const SLOWNESS_CHECK_MS = 2_500;
const HEADERS_TIMEOUT_MS = 27_000;
const REQUEST_TIMEOUT_MS = 57_000;
const CONNECTION_TIMEOUT_MS = 60_000;
/** How long calls of the gateway may take to end after their connections have. */
const LAST_CALLS_MS = 2_000;
/** Longer than any address that Node takes: what is too long for an id is no id, a 404 like any other. */
const LONGEST_PARAMETER = 65_536;

/** The whole service, migrated and ready to listen. The caller closes it. */
export async function buildApp(
  config: Config,
  logger: Logger,
  clock: Clock = new SystemClock(),
): Promise<NestFastifyApplication> {
  const module = AppModule.with(config, logger, clock);
  const door = new ProxyDoor();
  const app = await NestFactory.create<NestFastifyApplication>(module, newAdapter(config, door), {
    logger: new NestLog(logger),
    abortOnError: false,
    // readOnlyJson() brings a stricter one.
    bodyParser: false,
  });
  try {
    const orm = app.get<MikroORM>(MikroORM);
    await migrate(orm, config, app.get(Cipher));
    const server = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
    knowAllowedMethods(server);
    app.get(Metrics).watch(server);
    await prepareServer(server, config, logger, orm);
    countEveryCall(server, config, app.get(RateLimitStore));
    guardAdminAddresses(server, app.get(AdminGuard), isForConsole);
    answerOptions(server);
    await openApi(app, server);
    // A service that was asked to stop and did has not failed.
    app.enableShutdownHooks([], { useProcessExit: true });
    const engine = app.get(ProxyEngine, { strict: false });
    server.addHook('onClose', () => engine.ended(LAST_CALLS_MS));
    const removals = app.get(UnfinishedRemovals, { strict: false });
    // A command of the operator's is built alike, but never listens: it does nothing that it was not asked for.
    server.addHook('onListen', (done) => {
      removals.begin();
      done();
    });
    await app.init();
    door.open(engine);
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

function newAdapter(config: Config, door: ProxyDoor): FastifyAdapter {
  return new FastifyAdapter({
    serverFactory: door.newServer,
    trustProxy: config.TRUST_PROXY.length > 0 ? config.TRUST_PROXY : false,
    bodyLimit: BODY_LIMIT,
    // There is no middleware here that it could run.
    skipMiddie: true,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: SLOWNESS_CHECK_MS,
      // refuseAmbiguousRequests() says so in a problem.
      requireHostHeader: false,
    },
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    rewriteUrl: readableAddress,
    clientErrorHandler: refuserOfUnreadable(config.publicUrl),
    genReqId: () => randomUUID(),
    logger: false,
    frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(reply, problemOf(error)),
  });
}

async function prepareServer(server: FastifyInstance, config: Config, logger: Logger, orm: MikroORM): Promise<void> {
  server.addHook('onRequest', (request, reply, done) => {
    reply.header('X-Request-Id', request.id);
    currentRequest.run(request, () => inRequestScope(orm.em, done));
  });
  server.addHook('onResponse', (request, reply, done) => {
    // The route, not the address: somebody may have pasted a secret into the address.
    const { url: route, method } = { url: request.routeOptions.url, method: request.method };
    const line = { request_id: request.id, method, route, status: reply.statusCode, ip: request.ip };
    logger.info({ ...line, duration_ms: Math.round(reply.elapsedTime) }, 'request');
    done();
  });
  protect(server, config);
  hangUpWhenClosing(server);
  refuseAmbiguousRequests(server);
  readOnlyJson(server);
  await preparePages(server, config);
}

function protect(server: FastifyInstance, config: Config): void {
  protectAnswers(server, config.publicUrl);
  server.addHook('onSend', (request, reply, _payload, done) => {
    if (!reply.hasHeader('Cache-Control') && isPrivate(request.url)) reply.header('Cache-Control', 'no-store');
    done();
  });
}

/** Answers about somebody's keys are for them alone and for now. */
function isPrivate(url: string): boolean {
  return url.startsWith('/api/') || url.startsWith('/admin');
}

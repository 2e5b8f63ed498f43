import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { GatewayFigures } from '../gateway/request-logs/gateway-figures.js';
import { JobBoard } from '../jobs/job-board.js';
import { JobRunner } from '../jobs/runs/job-runner.js';
import { registerGatewayMetrics } from './gateway-metrics.js';

const HTTP_LABELS = ['method', 'route', 'status'] as const;

/** Figures about this process for Prometheus. No label ever holds what a client has sent. */
@Injectable()
export class Metrics implements OnModuleInit {
  private readonly registry = new Registry();
  private readonly requests = new Counter({
    name: 'http_requests_total',
    help: 'Requests answered.',
    labelNames: HTTP_LABELS,
    registers: [this.registry],
  });
  private readonly durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: HTTP_LABELS,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [this.registry],
  });
  private readonly jobRuns = new Counter({
    name: 'job_runs_total',
    help: 'Runs of background jobs that this process has ended, by outcome.',
    labelNames: ['job', 'outcome'],
    registers: [this.registry],
  });
  private readonly lastSuccess = new Gauge({
    name: 'job_last_success_timestamp_seconds',
    help: 'When a background job last succeeded, on any instance.',
    labelNames: ['job'],
    registers: [this.registry],
  });

  constructor(
    private readonly runner: JobRunner,
    private readonly board: JobBoard,
    private readonly gateway: GatewayFigures,
  ) {}

  onModuleInit(): void {
    registerGatewayMetrics(this.registry, this.gateway);
    collectDefaultMetrics({ register: this.registry });
    this.runner.onEnd(({ name: job, outcome }) => this.jobRuns.inc({ job, outcome }));
  }

  /** Counts and times every request. The label is the route's pattern: a raw path may hold a secret. */
  watch(server: FastifyInstance): void {
    server.addHook('onResponse', (request, reply, done) => {
      const route = request.routeOptions.url ?? 'unknown';
      const labels = { method: request.method, route, status: reply.statusCode };
      this.requests.inc(labels);
      this.durations.observe(labels, reply.elapsedTime / 1000);
      done();
    });
  }

  /** Prometheus text. While the database is away, what it knows is left as it was. */
  async text(): Promise<string> {
    const successes = await this.board.lastSuccesses().catch(() => new Map<string, Date>());
    for (const [job, at] of successes) this.lastSuccess.set({ job }, at.getTime() / 1000);
    return this.registry.metrics();
  }
}

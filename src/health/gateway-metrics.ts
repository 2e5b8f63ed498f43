import { Counter, Gauge, type Registry } from 'prom-client';
import type { GatewayFigures } from '../gateway/request-logs/gateway-figures.js';

/** Puts what the gateway counts into a registry; it is read when somebody asks for the metrics, never per request. */
export function registerGatewayMetrics(registry: Registry, figures: GatewayFigures): void {
  const registers = [registry];
  const requests = new Counter({
    name: 'gateway_requests_total',
    help: 'Requests to the gateway that are over, by the status that the client was answered (0: none).',
    labelNames: ['status'],
    registers,
    collect: () => {
      requests.reset();
      for (const [status, count] of figures.requests) requests.inc({ status }, count);
    },
  });
  const gauge = (name: string, help: string, read: () => number) => {
    const metric: Gauge = new Gauge({ name, help, registers, collect: () => metric.set(read()) });
  };
  gauge('gateway_requests_under_way', 'Requests that the gateway serves now.', () => figures.underWay);
  gauge('gateway_log_waiting', 'Calls that are over and not in the database yet.', () => figures.waiting);
  const counter = (name: string, help: string, read: () => number) => {
    const collect = () => {
      metric.reset();
      metric.inc(read());
    };
    const metric: Counter = new Counter({ name, help, registers, collect });
  };
  counter('gateway_calls_lost_total', 'Calls that no log row tells of.', () => figures.lostCalls);
  counter(
    'gateway_reservations_expired_total',
    'Parts of budgets that were given back because nobody settled them in time.',
    () => figures.expiredReservations,
  );
}

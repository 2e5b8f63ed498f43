import { type CanActivate, type ExecutionContext, ForbiddenException, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';
import { Config } from '../shared/config.js';
import { bearerOf } from '../shared/http/bearer.js';
import { sameSecret } from '../shared/secrets/secret.js';

/** A reverse proxy on this machine comes from loopback too, with one of these for whom it speaks. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/** Lets in whoever has the METRICS_TOKEN; without one, whoever asks from this very machine. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(private readonly config: Config) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { METRICS_TOKEN } = this.config;
    if (METRICS_TOKEN ? hasToken(request, METRICS_TOKEN) : this.isLocal(request)) return true;
    throw new ForbiddenException();
  }

  /** The address of the connection counts: a header says what its sender likes. */
  private isLocal({ raw, headers }: FastifyRequest): boolean {
    const address = raw.socket.remoteAddress ?? '';
    if (!ipaddr.isValid(address)) return false;
    const peer = ipaddr.process(address);
    return peer.range() === 'loopback' && !FORWARDED.some((name) => name in headers) && !this.isProxy(peer);
  }

  private isProxy(peer: ipaddr.IPv4 | ipaddr.IPv6): boolean {
    return this.config.TRUST_PROXY.some((range) => {
      const [address, bits] = ipaddr.parseCIDR(
        range.includes('/') ? range : `${range}/${range.includes(':') ? 128 : 32}`,
      );
      return address.kind() === peer.kind() && peer.match(address, bits);
    });
  }
}

function hasToken(request: FastifyRequest, token: string): boolean {
  const credential = bearerOf(request);
  return credential !== undefined && sameSecret(credential, token);
}

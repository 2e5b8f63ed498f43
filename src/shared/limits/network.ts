import { normalizeIp } from '@nestjs/throttler';

const IPV6_NETWORK_BITS = 64;

/** By what a client's address is counted: whoever has an IPv6 address has 2^64 of them, so those count as one. */
export function networkOf(ip: string): string {
  return normalizeIp(ip, IPV6_NETWORK_BITS);
}

/** Headers about one connection, not about the message on it (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

const NONE: ReadonlySet<string> = new Set();

export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name) || name.startsWith('proxy-');
}

/** The names that a `Connection` header declares to be about the connection too. */
export function namesInConnection(value: string | undefined): ReadonlySet<string> {
  if (!value) return NONE;
  const names = value.toLowerCase();
  if (names === 'keep-alive' || names === 'close') return NONE;
  return new Set(names.split(',').map((name) => name.trim()));
}

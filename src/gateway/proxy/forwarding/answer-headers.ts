import { isHopByHop, namesInConnection } from './hop-headers.js';

/** An upstream's headers as undici gives them: lower-case names, several values as an array. */
export type UpstreamHeaders = Record<string, string | string[] | undefined>;

/** What an upstream says for its own host and must not say for the gateway's. */
const ABOUT_ITS_HOST = new Set([
  'set-cookie',
  'set-cookie2',
  'strict-transport-security',
  'alt-svc',
  'clear-site-data',
  'nel',
  'report-to',
]);

/** The headers that go on to the client, names and values in turn. */
export function answerHeaders(headers: UpstreamHeaders): string[] {
  const aboutConnection = namesInConnection(first(headers.connection));
  const passed: string[] = [];
  for (const name in headers) {
    if (isHopByHop(name) || ABOUT_ITS_HOST.has(name) || aboutConnection.has(name)) continue;
    const value = headers[name];
    if (typeof value === 'string') passed.push(name, value);
    else if (value) for (const one of value) passed.push(name, one);
  }
  return passed;
}

/** A header that should stand there once, in lower case; empty if it is missing. */
export function headerText(headers: UpstreamHeaders, name: string): string {
  return first(headers[name])?.trim().toLowerCase() ?? '';
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}

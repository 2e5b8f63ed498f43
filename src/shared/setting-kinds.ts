import { CronTime } from 'cron';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

// What kinds of settings there are: how each is written, and the end of the sentence that refuses it.

export const NEW_SECRET = "node -e \"console.log(require('crypto').randomBytes(32).toString('base64url'))\"";
export const MAX_SESSION_SECONDS = 86_400;

export const integer = (least: number, most: number, usual: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}.`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}.`)
    .default(usual);

/** Node reads over whatever is no base64, so that a mistyped key would be another key, not a wrong one. */
const KEY_TEXT = /^[\w+/-]{43}=?$/;

export const encryptionKey = z
  .string()
  .regex(KEY_TEXT, `must be 32 bytes in base64 or base64url. Make one with: ${NEW_SECRET}`)
  .transform((text) => Buffer.from(text, 'base64url'));

export const signingSecret = z
  .string()
  .refine((secret) => Buffer.byteLength(secret) >= 32, `must have 32 bytes or more. Make one with: ${NEW_SECRET}`);

export const encryptionKeys = z
  .string()
  .refine(
    (text) => commaSeparated(text).every((part) => KEY_TEXT.test(part)),
    'must be keys of 32 bytes, separated by commas.',
  )
  .transform((text) => commaSeparated(text).map((part) => Buffer.from(part, 'base64url')));

export const webAddress = z
  .url({ protocol: /^https?$/, message: 'must be an http or https address.' })
  .transform((url) => url.replace(/\/+$/, ''));

export const addressRanges = z
  .string()
  .transform(commaSeparated)
  .refine((ranges) => ranges.every(isAddressRange), 'must be addresses or CIDR ranges, separated by commas.');

export const trustedProxies = z
  .string()
  .transform((text) => (text === 'false' ? [] : commaSeparated(text)))
  .refine((ranges) => ranges.every(isAddressRange), 'must be false, or addresses and CIDR ranges of your proxies.');

export const cron = (usual: string) =>
  z
    .string()
    .refine((text) => text === 'off' || isCron(text), 'must be a cron expression with five fields, or "off".')
    .default(usual);

export const duration = z
  .string()
  .regex(/^\d{1,7}\s*[smhd]?$/, 'must be a time such as 3600, 90m or 24h.')
  .transform(secondsOf)
  .refine((seconds) => seconds > 0 && seconds <= MAX_SESSION_SECONDS, 'must be between one second and 24 hours.');

const upstream = z.strictObject({
  name: z.string().min(1).max(64),
  provider: z.string().min(1),
  base_url: z.string().min(1),
  api_key: z.string().min(1),
  is_default: z.boolean().default(false),
  timeout: z.number().int().min(1).max(300).default(60),
});

export const upstreams = z.string().transform((text, context) => {
  const parsed = z.array(upstream).safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  context.addIssue('must be a JSON array of {name, provider, base_url, api_key, is_default?, timeout?}.');
  return z.NEVER;
});

function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
}

function isAddressRange(text: string): boolean {
  return ipaddr.isValid(text) || ipaddr.isValidCIDR(text);
}

function isCron(text: string): boolean {
  try {
    return text.trim().split(/\s+/).length === 5 && Boolean(new CronTime(text, 'UTC'));
  } catch {
    return false;
  }
}

function secondsOf(text: string): number {
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 };
  return Number.parseInt(text, 10) * (seconds[text.at(-1) as keyof typeof seconds] ?? 1);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

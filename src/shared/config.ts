import { readFileSync } from 'node:fs';
import { CronTime } from 'cron';
import ipaddr from 'ipaddr.js';
import { z } from 'zod';

const NEW_SECRET = "node -e \"console.log(require('crypto').randomBytes(32).toString('base64url'))\"";
const MAX_SESSION_SECONDS = 86_400;

const integer = (least: number, most: number, usual: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${least} to ${most}.`)
    .transform(Number)
    .refine((value) => value >= least && value <= most, `must be a whole number from ${least} to ${most}.`)
    .default(usual);

/** Node reads over whatever is no base64, so that a mistyped key would be another key, not a wrong one. */
const KEY_TEXT = /^[\w+/-]{43}=?$/;

const encryptionKey = z
  .string()
  .regex(KEY_TEXT, `must be 32 bytes in base64 or base64url. Make one with: ${NEW_SECRET}`)
  .transform((text) => Buffer.from(text, 'base64url'));

const signingSecret = z
  .string()
  .refine((secret) => Buffer.byteLength(secret) >= 32, `must have 32 bytes or more. Make one with: ${NEW_SECRET}`);

const webAddress = z
  .url({ protocol: /^https?$/, message: 'must be an http or https address.' })
  .transform((url) => url.replace(/\/+$/, ''));

const addressRanges = z
  .string()
  .transform(commaSeparated)
  .refine((ranges) => ranges.every(isAddressRange), 'must be addresses or CIDR ranges, separated by commas.');

const cron = (usual: string) =>
  z
    .string()
    .refine((text) => text === 'off' || isCron(text), 'must be a cron expression with five fields, or "off".')
    .default(usual);

const duration = z
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

const upstreams = z.string().transform((text, context) => {
  const parsed = z.array(upstream).safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  context.addIssue('must be a JSON array of {name, provider, base_url, api_key, is_default?, timeout?}.');
  return z.NEVER;
});

const Settings = z.object({
  HOST: z.string().default('127.0.0.1'),
  PORT: integer(0, 65_535, 3000),
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/, 'must start with sqlite: or postgresql://.')
    .default('sqlite:./data/monitor.db'),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/.+$/, 'must start with redis:// or rediss://.')
    .optional(),
  ENCRYPTION_KEY: encryptionKey,
  ENCRYPTION_KEYS_PREVIOUS: z
    .string()
    .refine(
      (text) => commaSeparated(text).every((part) => KEY_TEXT.test(part)),
      'must be keys of 32 bytes, separated by commas.',
    )
    .transform((text) => commaSeparated(text).map((part) => Buffer.from(part, 'base64url')))
    .default([]),
  JWT_SECRET: signingSecret,
  JWT_SECRET_PREVIOUS: signingSecret.optional(),
  JWT_EXPIRES_IN: duration.default(MAX_SESSION_SECONDS),
  ADMIN_TOKEN: z.string().min(32, 'must have 32 characters or more, or be empty to close /admin.').optional(),
  OPENROUTER_BASE_URL: webAddress.default('https://openrouter.ai/api/v1'),
  OPENROUTER_TIMEOUT_MS: integer(100, 600_000, 15_000),
  MAX_API_KEYS_PER_USER: integer(0, 100_000, 10),
  MAX_API_TOKENS_PER_USER: integer(0, 100_000, 5),
  RATE_LIMIT_REQUESTS: integer(1, 1_000_000_000, 100),
  RATE_LIMIT_WINDOW: integer(1, 2_678_400, 3600),
  RATE_LIMIT_IP_REQUESTS: integer(1, 1_000_000_000, 30),
  RATE_LIMIT_IP_WINDOW: integer(1, 2_678_400, 60),
  REGISTRATION: z.enum(['open', 'closed'], 'must be open or closed.').default('open'),
  LOGIN_MAX_ATTEMPTS: integer(1, 1_000_000, 5),
  LOGIN_WINDOW: integer(1, 2_678_400, 900),
  USAGE_STATS_RETENTION_DAYS: integer(1, 36_500, 365),
  LOG_RETENTION_DAYS: integer(1, 36_500, 90),
  SYNC_CRON: cron('0 * * * *'),
  VALIDATION_CRON: cron('0 2 * * *'),
  /** How long after a refused key the daily validation asks again before it believes it. */
  VALIDATION_CONFIRM_SECONDS: integer(0, 3600, 120),
  CLEANUP_CRON: cron('0 3 * * 0'),
  LOG_CLEANUP_CRON: cron('0 2 * * *'),
  PROXY_PREFIX: z
    .string()
    .regex(/^(\/[\w-]+)+$/, 'must be a path such as /proxy.')
    .default('/proxy'),
  UPSTREAMS: upstreams.default([]),
  UPSTREAM_ALLOWED_CIDRS: addressRanges.default([]),
  PROXY_BODY_LIMIT: integer(1, 1_073_741_824, 33_554_432),
  TRUST_PROXY: z
    .string()
    .transform((text) => (text === 'false' ? [] : commaSeparated(text)))
    .refine((ranges) => ranges.every(isAddressRange), 'must be false, or addresses and CIDR ranges of your proxies.')
    .default([]),
  PUBLIC_URL: webAddress.optional(),
  LOG_LEVEL: z
    .enum(
      ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      'must be one of fatal, error, warn, info, debug, trace and silent.',
    )
    .default('info'),
  LOG_FORMAT: z.enum(['json', 'pretty'], 'must be json or pretty.').optional(),
  SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/.+$/, 'must start with smtp:// or smtps://.')
    .optional(),
  MAIL_FROM: z.string().optional(),
  METRICS_TOKEN: z.string().min(16, 'must have 16 characters or more.').optional(),
});

/** Settings that hold secrets: each may also come from the file that `NAME_FILE` names. */
const SECRETS: readonly string[] = [
  'ENCRYPTION_KEY',
  'ENCRYPTION_KEYS_PREVIOUS',
  'JWT_SECRET',
  'JWT_SECRET_PREVIOUS',
  'ADMIN_TOKEN',
  'DATABASE_URL',
  'REDIS_URL',
  'UPSTREAMS',
  'SMTP_URL',
  'METRICS_TOKEN',
];

type Settings = z.infer<typeof Settings>;

/** How the operator wants the service to be, under the names that stand in `.env.example`; checked once, at start. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- the fields are those of the schema above
export class Config {
  private constructor(settings: Settings) {
    Object.assign(this, settings);
  }

  /**
   * Reads the settings; an empty one counts as not set.
   * Throws InvalidSetting, which names the first setting that is wrong and never its value.
   */
  static from(environment: Record<string, string | undefined>): Config {
    const parsed = Settings.safeParse(given(environment));
    if (!parsed.success) {
      const { path, message, code } = parsed.error.issues[0]!;
      const name = String(path[0]);
      throw new InvalidSetting(name, code === 'invalid_type' ? `is required. Make one with: ${NEW_SECRET}` : message);
    }
    refuseSharedSecret(parsed.data);
    return new Config(parsed.data);
  }

  /** The names of all settings. */
  static names(): string[] {
    return Object.keys(Settings.shape);
  }

  get usesSqlite(): boolean {
    return this.DATABASE_URL.startsWith('sqlite:');
  }

  /** Where people reach the service, without a slash at the end. */
  get publicUrl(): string {
    return this.PUBLIC_URL ?? `http://localhost:${this.PORT}`;
  }
}
export interface Config extends Readonly<Settings> {}

/** A setting keeps the service from starting. */
export class InvalidSetting extends Error {
  constructor(
    readonly setting: string,
    problem: string,
  ) {
    super(`${setting} ${problem}`);
    this.name = 'InvalidSetting';
  }
}

function given(environment: Record<string, string | undefined>): Record<string, string> {
  const settings: Record<string, string> = {};
  for (const name of Object.keys(Settings.shape)) {
    const value = environment[name]?.trim() || (SECRETS.includes(name) && fromFile(environment, `${name}_FILE`));
    if (value) settings[name] = value;
  }
  return settings;
}

function fromFile(environment: Record<string, string | undefined>, name: string): string | undefined {
  const path = environment[name]?.trim();
  if (!path) return undefined;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new InvalidSetting(name, 'names a file that cannot be read.');
  }
}

function refuseSharedSecret({ JWT_SECRET, ENCRYPTION_KEY }: Settings): void {
  if (Buffer.from(JWT_SECRET, 'base64url').equals(ENCRYPTION_KEY)) {
    throw new InvalidSetting('JWT_SECRET', 'must not be the same as ENCRYPTION_KEY.');
  }
}

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

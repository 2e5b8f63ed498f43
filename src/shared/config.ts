import { readFileSync } from 'node:fs';
import { z } from 'zod';
import {
  addressRanges,
  cron,
  duration,
  encryptionKey,
  encryptionKeys,
  integer,
  MAX_SESSION_SECONDS,
  NEW_SECRET,
  signingSecret,
  trustedProxies,
  upstreams,
  webAddress,
} from './setting-kinds.js';

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
  ENCRYPTION_KEYS_PREVIOUS: encryptionKeys.default([]),
  JWT_SECRET: signingSecret,
  JWT_SECRET_PREVIOUS: signingSecret.optional(),
  JWT_EXPIRES_IN: duration.default(MAX_SESSION_SECONDS),
  ADMIN_TOKEN: z
    .string()
    .min(32, 'must have 32 characters or more, or be empty to close /admin.')
    .regex(/^[!-~]*$/, 'must be letters, digits and signs without spaces: no header can carry another one.')
    .optional(),
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
  TRUST_PROXY: trustedProxies.default([]),
  STOP_DELAY_SECONDS: integer(0, 20, 0),
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

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Config, InvalidSetting } from './config.js';

const ENCRYPTION_KEY = Buffer.alloc(32, 7).toString('base64');
const JWT_SECRET = 'j'.repeat(32);
const required = { ENCRYPTION_KEY, JWT_SECRET };

describe('settings', () => {
  it('need only the two secrets', () => {
    expect(Config.from(required)).toMatchObject({
      HOST: '127.0.0.1',
      PORT: 3000,
      DATABASE_URL: 'sqlite:./data/monitor.db',
      ENCRYPTION_KEY: Buffer.alloc(32, 7),
      JWT_EXPIRES_IN: 86_400,
      SYNC_CRON: '0 * * * *',
      TRUST_PROXY: [],
      publicUrl: 'http://localhost:3000',
      usesSqlite: true,
    });
  });

  it('count as not set when they are empty', () => {
    expect(Config.from({ ...required, ADMIN_TOKEN: '', PORT: ' ', REDIS_URL: '' })).toMatchObject({ PORT: 3000 });
  });

  it('may keep a secret in a file', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'settings-')), 'key');
    writeFileSync(path, `${ENCRYPTION_KEY}\n`);
    expect(Config.from({ JWT_SECRET, ENCRYPTION_KEY_FILE: path }).ENCRYPTION_KEY).toEqual(Buffer.alloc(32, 7));
    expect(() => Config.from({ JWT_SECRET, ENCRYPTION_KEY_FILE: `${path}-gone` })).toThrow(/^ENCRYPTION_KEY_FILE /);
  });

  it.each([
    ['ENCRYPTION_KEY', undefined],
    ['ENCRYPTION_KEY', 'not-32-bytes-SECRETVALUE'],
    ['ENCRYPTION_KEY', `${'k'.repeat(20)} SECRETVALUE ${'k'.repeat(12)}`],
    ['ENCRYPTION_KEYS_PREVIOUS', `${ENCRYPTION_KEY},SECRETVALUE`],
    ['ENCRYPTION_KEYS_PREVIOUS', `${'k'.repeat(20)}!SECRETVALUE!${'k'.repeat(12)}`],
    ['JWT_SECRET', undefined],
    ['JWT_SECRET', 'SECRETVALUE'],
    ['JWT_SECRET', ENCRYPTION_KEY],
    ['JWT_SECRET_PREVIOUS', 'SECRETVALUE'],
    ['JWT_EXPIRES_IN', '25h'],
    ['ADMIN_TOKEN', 'SECRETVALUE'],
    ['ADMIN_TOKEN', `SECRETVALUE ${'x'.repeat(32)}`],
    ['ADMIN_TOKEN', `SECRETVALUEé${'x'.repeat(32)}`],
    ['PORT', '99999'],
    ['PORT', '3000x'],
    ['DATABASE_URL', 'mysql://SECRETVALUE'],
    ['REDIS_URL', 'http://SECRETVALUE'],
    ['OPENROUTER_BASE_URL', 'ftp://SECRETVALUE'],
    ['SYNC_CRON', 'often'],
    ['SYNC_CRON', '* * * * * *'],
    ['REGISTRATION', 'maybe'],
    ['TRUST_PROXY', 'true'],
    ['UPSTREAMS', '[{"name":"a","api_key":"SECRETVALUE"}]'],
    ['UPSTREAMS', '{SECRETVALUE'],
    ['LOG_LEVEL', 'loud'],
    ['PUBLIC_URL', 'SECRETVALUE'],
  ])('%s is refused by its name and in one line, without its value (%#)', (name, value) => {
    const refusal = refusalOf({ ...required, [name]: value });
    expect(refusal).toBeInstanceOf(InvalidSetting);
    expect(refusal.setting).toBe(name);
    expect(refusal.message).toMatch(new RegExp(`^${name} .+$`));
    expect(refusal.message).not.toMatch(/SECRETVALUE|undefined|expected/);
  });

  it('read what an operator may write', () => {
    const upstream = { name: 'main', provider: 'openrouter', base_url: 'https://a.example/v1', api_key: 'k' };
    const config = Config.from({
      ...required,
      JWT_EXPIRES_IN: '90m',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      VALIDATION_CRON: 'off',
      UPSTREAMS: JSON.stringify([upstream]),
      PUBLIC_URL: 'https://monitor.example/',
      DATABASE_URL: 'postgresql://localhost/monitor',
    });
    expect(config).toMatchObject({
      JWT_EXPIRES_IN: 5400,
      TRUST_PROXY: ['10.0.0.0/8', '::1'],
      VALIDATION_CRON: 'off',
      UPSTREAMS: [{ ...upstream, is_default: false, timeout: 60 }],
      publicUrl: 'https://monitor.example',
      usesSqlite: false,
    });
  });
});

function refusalOf(environment: Record<string, string | undefined>): InvalidSetting {
  try {
    Config.from(environment);
  } catch (error) {
    return error as InvalidSetting;
  }
  throw new Error('The settings were accepted.');
}

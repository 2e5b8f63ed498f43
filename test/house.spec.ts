import { MikroORM } from '@mikro-orm/core';
import type { Migrator } from '@mikro-orm/migrations';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { RequestMethod } from '@nestjs/common';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseOptions } from '../src/database/mikro-orm.config.js';
import { Config } from '../src/shared/config.js';
import { OPEN } from '../src/shared/http/decorators.js';
import { type TestApp, startApp } from './support/app.ts';
import { newDatabase } from './support/database.ts';
import { DIALECTS } from './support/services.ts';

/** Every route that anybody may call. A route that is not here wants a credential. */
const OPEN_ROUTES = [
  'GET /',
  'GET /health',
  'GET /login',
  'GET /ready',
  'GET /register',
  'POST /api/auth/login',
  'POST /api/auth/register',
  'POST /login',
  'POST /register',
  'POST /register/strength',
  'POST /theme',
];

describe('the house', () => {
  let app: TestApp;
  // Without this token, /metrics is open to whoever asks from the same machine, as this spec does.
  beforeAll(async () => void (app = await startApp({ env: { METRICS_TOKEN: 'a-token-for-metrics' } })));
  afterAll(() => app[Symbol.asyncDispose]());

  it('opens to anybody exactly the doors that are meant to be open', () => {
    const open = routes(app).filter(({ handler, controller }) => isOpen(handler) || isOpen(controller));
    expect(open.map(({ name }) => name).toSorted()).toEqual(OPEN_ROUTES);
  });

  it('has no other door that lets somebody in without a credential', async () => {
    const letIn: string[] = [];
    for (const { name, method, path } of routes(app)) {
      const address = app.url + path.replaceAll(/:\w+/g, '1').replace(/\*.*$/, 'x');
      const { status, headers } = await fetch(address, { method, redirect: 'manual' });
      // Pages send whoever is a stranger to the log-in page.
      const isShut = status === 401 || status === 403 || headers.get('location')?.startsWith('/login');
      if (!isShut && !OPEN_ROUTES.includes(name)) letIn.push(`${name} answered ${status}`);
    }
    expect(letIn).toEqual([]);
  });
});

describe.each(DIALECTS)('the migrations for %s', (dialect) => {
  it('make exactly the tables that the entities describe', async () => {
    await using database = await newDatabase(dialect);
    const orm = await MikroORM.init(databaseOptions(database.url));
    const difference = await orm.schema.getUpdateSchemaSQL();
    await orm.close();
    expect(difference).toBe('');
  });

  it('can be taken back one by one and made again', async () => {
    await using database = await newDatabase(dialect);
    const orm = await MikroORM.init(databaseOptions(database.url));
    const migrator = orm.migrator as Migrator;
    await migrator.down({ to: 0 });
    expect(await migrator.getExecuted()).toEqual([]);
    await migrator.up();
    const difference = await orm.schema.getUpdateSchemaSQL();
    await orm.close();
    expect(difference).toBe('');
  });
});

describe('what the operator reads', () => {
  it('explains in .env.example every setting that exists, and no other', () => {
    const explained = [...readFileSync('.env.example', 'utf8').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    const secrets = { ENCRYPTION_KEY: 'k'.repeat(43), JWT_SECRET: 's'.repeat(32) };
    expect(explained.toSorted()).toEqual(Config.names().toSorted());
    expect(() => Config.from(secrets)).not.toThrow();
  });

  it('can be set for the container, too', () => {
    const handedOn = [...readFileSync('docker-compose.yml', 'utf8').matchAll(/^ +([A-Z_]+):/gm)].map(
      ([, name]) => name,
    );
    expect(Config.names().filter((name) => !handedOn.includes(name))).toEqual([]);
  });

  it('names in the source no setting by another way than Config', () => {
    const offenders = sources('src').filter(
      (path) =>
        !/config\.ts$|main\.ts$|cli\.ts$|\.spec\.ts$/.test(path) && readFileSync(path, 'utf8').includes('process.env'),
    );
    expect(offenders).toEqual([]);
  });
});

interface Route {
  name: string;
  method: string;
  path: string;
  handler: object;
  controller: object;
}

/** Every route of every controller, read from what the decorators have noted. */
function routes(app: TestApp): Route[] {
  const modules = [...app.nest.get(ModulesContainer).values()];
  const controllers = modules.flatMap((module) => [...module.controllers.values()].map(({ metatype }) => metatype));
  return controllers.flatMap((controller) => {
    const { prototype } = controller as unknown as { prototype: Record<string, object> };
    const handlers = new MetadataScanner().getAllMethodNames(prototype).map((name) => prototype[name]!);
    return handlers
      .filter((handler) => Reflect.hasMetadata(METHOD_METADATA, handler))
      .map((handler) => {
        const methodIndex = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
        const method = methodIndex === RequestMethod.ALL ? 'GET' : RequestMethod[methodIndex];
        const parts = [
          Reflect.getMetadata(PATH_METADATA, controller as object),
          Reflect.getMetadata(PATH_METADATA, handler),
        ];
        const path = `/${parts.join('/')}`.replaceAll(/\/+/g, '/').replace(/(.)\/$/, '$1');
        return { name: `${method} ${path}`, method, path, handler, controller: controller as object };
      });
  });
}

function isOpen(target: object): boolean {
  return Reflect.getMetadata(OPEN, target) === true;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') || path.endsWith('.tsx'))
    .map((path) => join(folder, path));
}

import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { RequestMethod } from '@nestjs/common';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { contentOf } from '../support/inhabitants.ts';
import { newAdmin } from '../support/people.ts';
import { tokenIn, Visitor } from '../support/visitor.ts';

const FOR_PROGRAMS = /^\/(api|admin)\//;

describe('every form of the pages', () => {
  let app: TestApp;
  let admin: Visitor;
  let paths: string[];
  beforeAll(async () => {
    app = await startApp();
    admin = await Visitor.loggedIn(app, await newAdmin(app));
    await admin.submit('/tokens', '/tokens', { name: 'a token' });
    paths = formPaths(app);
  });
  afterAll(() => app[Symbol.asyncDispose]());

  const stored = () => contentOf(app.config.DATABASE_URL);

  it('is known here', () => {
    expect(paths).toEqual(expect.arrayContaining(['/login', '/tokens', '/tokens/1/revoke', '/profile/delete']));
  });

  it.each([
    ['without its token', () => ({}), {}],
    ['with an invented token', () => ({ form_token: 'A'.repeat(86) }), {}],
    ['with its token, but from another site', (token: string) => ({ form_token: token }), FOREIGN],
    ['with its token, but from a site that says nothing else', (token: string) => ({ form_token: token }), NAMELESS],
  ])('#61 is refused %s, and changes nothing', async (_, fieldsWith, headers: Record<string, string>) => {
    const token = tokenIn((await admin.open('/tokens')).text);
    const before = await stored();
    const accepted: string[] = [];
    for (const path of paths) {
      const { status } = await admin.post(path, { name: 'x', password: 'x', ...fieldsWith(token) }, headers);
      if (status !== 403) accepted.push(`${path} answered ${status}`);
    }
    expect(accepted).toEqual([]);
    expect(await stored()).toEqual(before);
  });
});

const FOREIGN = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
const NAMELESS = { origin: 'null' };

/** Where the pages take forms, with 1 for every id, read from what the decorators have noted. */
function formPaths(app: TestApp): string[] {
  const modules = [...app.nest.get(ModulesContainer).values()];
  const controllers = modules.flatMap((module) => [...module.controllers.values()].map(({ metatype }) => metatype));
  const paths = controllers.flatMap((controller) => {
    const { prototype } = controller as unknown as { prototype: Record<string, object> };
    return new MetadataScanner()
      .getAllMethodNames(prototype)
      .map((name) => prototype[name]!)
      .filter((handler) => Reflect.getMetadata(METHOD_METADATA, handler) === RequestMethod.POST)
      .map((handler) =>
        [controller as object, handler].map((part) => String(Reflect.getMetadata(PATH_METADATA, part))),
      );
  });
  return paths
    .map((parts) =>
      `/${parts.join('/')}`
        .replaceAll(/\/+/g, '/')
        .replace(/(.)\/$/, '$1')
        .replaceAll(/:\w+/g, '1'),
    )
    .filter((path) => !FOR_PROGRAMS.test(path));
}

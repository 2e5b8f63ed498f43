import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningService, startService } from './support/service.ts';

interface Schema {
  $ref?: string;
  type?: string;
  description?: string;
  example?: unknown;
  default?: unknown;
  enum?: unknown[];
  items?: Schema;
  allOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
}

interface Answer {
  description: string;
  content?: Record<string, { schema: Schema }>;
}

interface Operation {
  summary?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; description?: string; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, Answer>;
}

interface Document {
  security: Record<string, string[]>[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
}

/** The plugin that writes the document works in the build only, so the built service is asked. */
describe('the OpenAPI document', () => {
  let service: RunningService;
  let document: Document;
  beforeAll(async () => {
    service = await startService();
    document = (await (await fetch(`${service.url}/openapi.json`)).json()) as Document;
  });
  afterAll(() => service[Symbol.asyncDispose]());

  it('is the same at both of its addresses', async () => {
    expect(await (await fetch(`${service.url}/docs-json`)).json()).toEqual(document);
  });

  it('sums up every route and puts it under a heading', () => {
    expect(operations(document).filter(({ operation }) => !operation.summary || !operation.tags?.length)).toEqual([]);
  });

  it('says how every route answers when all is well, and with what', () => {
    const silent = operations(document).filter(({ operation }) => {
      const good = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
      return good.length === 0 || good.some(([status, { content }]) => status !== '204' && !content);
    });
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('says that a closed route answers 401 or 403, and one with input 422', () => {
    const silent = operations(document).filter(({ operation }) => {
      const schemes = operation.security ?? document.security;
      const isOpen = schemes.some((scheme) => Object.keys(scheme).length === 0);
      const isAdmin = schemes.some((scheme) => 'admin' in scheme);
      const wanted = [
        ...(isOpen ? [] : [isAdmin ? '403' : '401']),
        ...(operation.requestBody || operation.parameters?.some((parameter) => parameter.in === 'query')
          ? ['422']
          : []),
        ...(operation.parameters?.some((parameter) => parameter.in === 'path') ? ['404'] : []),
      ];
      return wanted.some((status) => !(status in operation.responses));
    });
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it('describes every field and parameter', () => {
    const fields = Object.entries(document.components.schemas).flatMap(([schema, { properties = {} }]) =>
      Object.entries(properties).map(([name, field]) => ({ name: `${schema}.${name}`, field })),
    );
    const parameters = operations(document).flatMap(({ name, operation }) =>
      (operation.parameters ?? []).map((parameter) => ({ name: `${name} ${parameter.name}`, field: parameter })),
    );
    expect([...fields, ...parameters].filter(({ field }) => !isDescribed(field)).map(({ name }) => name)).toEqual([]);
  });

  it('asks for no parameter that has a default', () => {
    const demanded = operations(document).flatMap(({ name, operation }) =>
      (operation.parameters ?? [])
        .filter(({ required, schema }) => required && schema.default !== undefined)
        .map((parameter) => `${name} ${parameter.name}`),
    );
    expect(demanded).toEqual([]);
  });

  it('shows an example of every plain field', () => {
    const silent = Object.entries(document.components.schemas).flatMap(([schema, { properties = {} }]) =>
      Object.entries(properties)
        .filter(([, field]) => !('example' in field) && !refersElsewhere(field))
        .map(([name]) => `${schema}.${name}`),
    );
    expect(silent).toEqual([]);
  });

  it('calls a number a fraction where it is money or a share, and whole elsewhere', () => {
    const fields = Object.entries(document.components.schemas).flatMap(([schema, { properties = {} }]) =>
      Object.entries(properties).map(([name, field]) => ({ name: `${schema}.${name}`, field })),
    );
    const fractions = fields.filter(({ field }) => field.type === 'number').map(({ name }) => name);
    expect(
      fractions.filter((name) => !/cost$|_usd$|share$|^ApiKey\.(limit|limit_remaining|usage_total)$/.test(name)),
    ).toEqual([]);
    expect(fractions).toEqual(expect.arrayContaining(['UsageLine.cost', 'ApiKey.limit', 'DashboardModel.share']));
  });

  it('is shown by a page that needs no inline script or style', async () => {
    const page = await fetch(`${service.url}/docs/`);
    expect(page.headers.get('content-security-policy')).not.toContain('unsafe');
    const html = await page.text();
    expect(html).not.toMatch(/<style|style=|<script>/);
    for (const [, path] of html.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await fetch(service.url + path)).status).toBe(200);
    }
    expect((await fetch(`${service.url}/docs/package.json`)).status).toBe(404);
  });

  it('knows the three kinds of credential', () => {
    expect(Object.keys(document.components.securitySchemes).toSorted()).toEqual(['admin', 'api-token', 'session']);
  });
});

function operations(document: Document): { name: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );
}

function isDescribed(field: Schema): boolean {
  return Boolean(field.description) || refersElsewhere(field);
}

function refersElsewhere({ $ref, items, allOf, oneOf }: Schema): boolean {
  return Boolean($ref ?? items?.$ref ?? allOf ?? oneOf);
}

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { serveDocs } from './openapi-page.js';
import { ADMIN_SCHEME, API_TOKEN_SCHEME, SESSION_SCHEME } from './shared/http/decorators.js';

/** Serves Swagger UI at /docs and the document at /docs-json and /openapi.json; the document is written when it is first asked for. */
export async function openApi(app: NestFastifyApplication, server: FastifyInstance): Promise<void> {
  let document: OpenAPIObject | undefined;
  const build = () =>
    (document ??= withWholeNumbers(withOptionalDefaults(SwaggerModule.createDocument(app, description()))));
  for (const path of ['/docs-json', '/openapi.json']) server.get(path, () => build());
  await serveDocs(server);
}

/** What has a default may be left out; the plugin, which goes by the types, calls it required. */
function withOptionalDefaults(document: OpenAPIObject): OpenAPIObject {
  const operations = Object.values(document.paths).flatMap(({ get, post, put, patch, delete: remove }) =>
    [get, post, put, patch, remove].filter((operation) => operation !== undefined),
  );
  for (const parameter of operations.flatMap(({ parameters = [] }) => parameters)) {
    const hasDefault = 'schema' in parameter && parameter.schema && 'default' in parameter.schema;
    if (hasDefault) parameter.required = false;
  }
  return document;
}

/** Ids, counts and seconds are whole: a number is a fraction only where a field says so by its format. */
function withWholeNumbers(document: OpenAPIObject): OpenAPIObject {
  for (const schema of Object.values(document.components?.schemas ?? {})) {
    if (!('properties' in schema)) continue;
    for (const property of Object.values(schema.properties ?? {})) {
      if ('type' in property && property.type === 'number' && !property.format) property.type = 'integer';
    }
  }
  return document;
}

const GUIDE = `Keeps your OpenRouter API keys and tells what each one spends.

**From nothing to a figure, on this page:**

1. \`POST /api/auth/register\`, then \`POST /api/auth/login\`: copy \`access_token\`.
2. **Authorize** (the lock), paste it under *session*.
3. \`POST /api/keys\` with an OpenRouter key. A management key also brings models, tokens and the other keys of its account.
4. \`GET /api/stats/dashboard\` after the next hourly sync, or at once if an admin runs \`POST /admin/jobs/usage-sync/run\`.
5. \`POST /api/tokens\`: copy \`token\`, **Authorize** again and paste it under *api-token*.
6. \`GET /api/v1/stats\`: what your programs will read.

Amounts are USD as exact decimal numbers. Days and instants are UTC. Every refusal is a problem (RFC 9457) whose
\`code\` is stable and whose \`detail\` says what to do next. A method that an address does not know is answered 405
\`method_not_allowed\`, with those that it does in \`Allow\`; an address that does not exist 404 \`not_found\`.`;

function description() {
  return new DocumentBuilder()
    .setTitle('OpenRouter Monitor')
    .setDescription(GUIDE)
    .setVersion('1')
    .addBearerAuth(bearer('JWT', 'The `access_token` of `POST /api/auth/login`.'), SESSION_SCHEME)
    .addBearerAuth(bearer('or_api_…', 'An API token of `POST /api/tokens`.'), API_TOKEN_SCHEME)
    .addBearerAuth(bearer('ADMIN_TOKEN or JWT', 'The ADMIN_TOKEN, or the JWT of an admin.'), ADMIN_SCHEME)
    .addSecurityRequirements(SESSION_SCHEME)
    .build();
}

function bearer(bearerFormat: string, text: string) {
  return { type: 'http', scheme: 'bearer', bearerFormat, description: text } as const;
}

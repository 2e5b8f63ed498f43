import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { serveDocs } from './openapi-page.js';
import { ADMIN_SCHEME, API_TOKEN_SCHEME, SESSION_SCHEME } from './shared/http/decorators.js';

/** Serves Swagger UI at /docs and the document at /docs-json and /openapi.json; the document is written when it is first asked for. */
export async function openApi(app: NestFastifyApplication, server: FastifyInstance): Promise<void> {
  let document: OpenAPIObject | undefined;
  const build = () => (document ??= withOptionalDefaults(SwaggerModule.createDocument(app, description())));
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

const GUIDE = `Keeps your OpenRouter API keys and tells what each one spends.

Amounts are USD as exact decimal numbers. Days and instants are UTC. Every refusal is a problem (RFC 9457) whose
\`code\` is stable and whose \`detail\` says what to do next.`;

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

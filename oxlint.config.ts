import { defineConfig } from 'oxlint';

/**
 * The house's import rules (docs/architecture.md). A file's role is its suffix, its module the folder below `src`;
 * both limit what it may import, and every refusal says what to do instead.
 */
interface Refusal {
  group: string[];
  message: string;
}

const VENDORS = [
  '@nestjs/*',
  '@mikro-orm/*',
  'fastify',
  '@fastify/*',
  'undici',
  'kysely',
  'pg',
  'better-sqlite3',
  '@redis/*',
];

const noAdapters: Refusal = {
  group: ['**/*.mikro.js', '**/*.http.js', '**/*.aes.js', '**/*.memory.js', '**/*.system.js', '**/*.redis.js'],
  message: 'Ask for the port; only a module file plugs in an adapter.',
};
const noUseCases: Refusal = {
  group: ['**/*.use-case.js'],
  message: 'Use cases are called by controllers, pages, jobs and other use cases only.',
};
const noHttp: Refusal = {
  group: ['**/*.controller.js', '**/*.page.js', '**/*.dto.js', '**/*.guard.js', '**/http/**', 'fastify', '@fastify/*'],
  message: 'This layer does not know HTTP: take plain values and return them, or throw a DomainError.',
};
const noPorts: Refusal = {
  group: ['**/*.port.js', '**/*.repository.js', '**/*.reports.js'],
  message: 'An entity guards its own rules with what it has; let the use case ask the port.',
};
const noDatabase: Refusal = {
  group: ['@mikro-orm/*', 'kysely', 'pg', 'better-sqlite3', '**/database/**'],
  message: 'Only an adapter (*.mikro.ts) speaks to the database; ask for its port.',
};
const onlyInjectable: Refusal = {
  group: [...VENDORS.filter((vendor) => vendor !== '@nestjs/*'), '@nestjs/*', '!@nestjs/common'],
  message: 'A use case takes nothing from a vendor but Injectable.',
};
const noVendors: Refusal = { group: VENDORS, message: 'This file is the business alone: no vendor in it.' };

const ROLES: Record<string, Refusal[]> = {
  entity: [noAdapters, noUseCases, noHttp, noPorts, noVendors],
  port: [noAdapters, noUseCases, noHttp, noVendors],
  repository: [noAdapters, noUseCases, noHttp, noVendors],
  reports: [noAdapters, noUseCases, noHttp, noVendors],
  'use-case': [noAdapters, noHttp, onlyInjectable],
  mikro: [noUseCases, noHttp],
  http: [noUseCases, noHttp, noDatabase],
  dto: [noAdapters, noUseCases, noDatabase],
  guard: [noAdapters, noDatabase],
  job: [noAdapters, noDatabase, noHttp],
  controller: [noAdapters, noDatabase],
  page: [noAdapters, noDatabase],
};

/** Who a module may import besides itself and `shared`. */
const MODULES: Record<string, string[]> = {
  shared: [],
  database: ['*'],
  health: ['database', 'gateway', 'jobs', 'counting'],
  counting: [],
  audit: [],
  auth: [],
  notifications: ['auth', 'api-keys'],
  'open-router': [],
  'api-keys': ['open-router', 'auth'],
  usage: ['api-keys', 'open-router', 'auth'],
  tokens: ['auth'],
  'public-api': ['tokens', 'usage', 'api-keys'],
  jobs: ['usage', 'api-keys', 'gateway', 'auth', 'notifications'],
  gateway: ['api-keys', 'open-router', 'usage', 'auth'],
  web: ['*'],
  cli: ['*'],
};

function othersThan(module: string, allowed: string[]): Refusal[] {
  const forbidden = Object.keys(MODULES).filter(
    (other) => other !== module && other !== 'shared' && other !== 'database' && !allowed.includes(other),
  );
  if (allowed.includes('*')) return [];
  return [
    {
      group: forbidden.map((other) => `**/${other}/**`),
      message: `The module "${module}" may import ${['shared', ...allowed].join(', ')} only (docs/architecture.md, "Who may import whom").`,
    },
  ];
}

const restrict = (patterns: Refusal[]) => ({ 'no-restricted-imports': ['error', { patterns }] }) as const;

const moduleOverrides = Object.entries(MODULES).flatMap(([module, allowed]) => {
  const borders = othersThan(module, allowed);
  const everyFile = { files: [`src/${module}/**/*.ts`, `src/${module}/**/*.tsx`], rules: restrict(borders) };
  const byRole = Object.entries(ROLES).map(([role, refusals]) => ({
    files: [`src/${module}/**/*.${role}.ts`, `src/${module}/**/*.${role}.tsx`],
    rules: restrict([...refusals, ...borders]),
  }));
  // An adapter may name another module's entity for a foreign key; an HTTP adapter of a port is `concept.http.ts`.
  return [everyFile, ...byRole];
});

export default defineConfig({
  plugins: ['typescript', 'import', 'unicorn', 'oxc', 'promise', 'vitest', 'node'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  ignorePatterns: ['dist', 'coverage', 'migrations', 'bench/results'],
  rules: {
    'import/no-cycle': 'error',
    'import/no-default-export': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/consistent-type-imports': 'off',
    'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
    'no-console': 'error',
    // Order matters in loops over money, rows and retries; where calls may run side by side, the code says so.
    'no-await-in-loop': 'off',
    'import/no-unassigned-import': 'off',
    'import/no-named-as-default-member': 'off',
    'oxc/no-map-spread': 'off',
    'unicorn/prefer-set-has': 'off',
    // A property that fast-check proves is an assertion too.
    'vitest/expect-expect': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'typescript/no-extraneous-class': 'off',
  },
  overrides: [
    ...moduleOverrides,
    { files: ['*.config.ts', 'test/support/*.ts'], rules: { 'import/no-default-export': 'off' } },
    { files: ['scripts/**', 'test/**', 'bench/**'], rules: { 'no-console': 'off' } },
    { files: ['**/*.spec.ts', '**/*.spec.tsx'], rules: { 'no-restricted-imports': 'off', 'max-lines': 'off' } },
  ],
});

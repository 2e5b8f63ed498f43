import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { compress, type Encoding, encodingFor } from './compression.js';

const BEST_QUALITY = 11;
const FOREVER = 'public, max-age=31536000, immutable';
const TYPES = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
} as const;

const OWN = join(import.meta.dirname, '../assets');
const { resolve } = createRequire(import.meta.url);

/** Every file that the pages load, and what it is made of. */
const SOURCES = {
  'house.css': [
    resolve('@picocss/pico/css/pico.min.css'),
    ...['tokens', 'base', 'layout', 'parts', 'forms', 'tables', 'figures', 'keys'].map((name) =>
      join(OWN, `${name}.css`),
    ),
  ],
  'htmx.js': [resolve('htmx.org/dist/htmx.min.js')],
  'house.js': [join(OWN, 'house.js')],
  'chart.js': [join(dirname(resolve('chart.js')), 'chart.umd.min.js'), join(OWN, 'charts.js')],
  'icons.svg': [join(OWN, 'icons.svg')],
  'favicon.svg': [join(OWN, 'favicon.svg')],
} as const;

export type AssetName = keyof typeof SOURCES;

/** A file under a name that changes with its content, so that browsers may keep it for good. */
class Asset {
  readonly path: string;
  readonly type: string;
  private readonly content: Buffer;
  private readonly compressed = new Map<Encoding, Promise<Buffer>>();

  constructor(name: AssetName) {
    const [stem, extension] = name.split('.') as [string, keyof typeof TYPES];
    this.content = Buffer.from(SOURCES[name].map(read).join('\n'));
    this.type = TYPES[extension];
    const hash = createHash('sha256').update(this.content).digest('base64url').slice(0, 12);
    this.path = `/assets/${stem}.${hash}.${extension}`;
  }

  /** Compressed once, as well as it can be, when the first client asks for it. */
  bytes(encoding: Encoding | null): Promise<Buffer> | Buffer {
    if (!encoding) return this.content;
    const known = this.compressed.get(encoding) ?? compress(this.content, encoding, BEST_QUALITY);
    this.compressed.set(encoding, known);
    return known;
  }
}

const assets = Object.fromEntries(Object.keys(SOURCES).map((name) => [name, new Asset(name as AssetName)])) as Record<
  AssetName,
  Asset
>;

/** Where a page finds one of its files. */
export function assetPath(name: AssetName): string {
  return assets[name].path;
}

/** Serves the files of the pages: hashed names, a year in the browser's cache, compressed. */
export function serveAssets(server: FastifyInstance): void {
  for (const asset of Object.values(assets)) {
    server.get(asset.path, (request, reply) => send(asset, request, reply));
  }
  server.get('/favicon.ico', (_request, reply) => reply.redirect(assetPath('favicon.svg'), 302));
}

async function send(asset: Asset, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const encoding = encodingFor(request.headers['accept-encoding']);
  reply.headers({ 'Content-Type': asset.type, 'Cache-Control': FOREVER, Vary: 'Accept-Encoding' });
  if (encoding) reply.header('Content-Encoding', encoding);
  return reply.send(await asset.bytes(encoding));
}

/** A file's own source map stays at home: nobody serves it. */
function read(path: string): string {
  return readFileSync(path, 'utf8').replaceAll(/^\/\/# sourceMappingURL=.*$/gm, '');
}

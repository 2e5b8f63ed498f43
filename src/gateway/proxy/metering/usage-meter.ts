import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { modelName } from '../requests/call-request.js';
import { EventStream } from './event-stream.js';
import { JsonFields } from './json-fields.js';
import { type TokenUsage, UsageTally } from './token-usage.js';

const FIELDS = new Set([
  'type',
  ...['usage', 'id', 'model', 'error'].flatMap((name) => [name, `response.${name}`, `message.${name}`]),
]);
const MOST_DECODED_BYTES = 256 * 1024 * 1024;
const MOST_WAITING_BYTES = 16 * 1024 * 1024;
const GENERATION_ID = /^[\x21-\x7e]{1,128}$/;
const DECODERS: Record<string, () => Transform> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** What was read from an answer that is over. */
export interface Reading {
  usage: TokenUsage;
  generationId: string | null;
  model: string | null;
  /** The provider reported an error inside a stream that had begun well. */
  hasError: boolean;
}

/** Looks at an answer on its way to the client, without touching it, and reads what it says about its usage. */
export class UsageMeter {
  private readonly tally = new UsageTally();
  private generationId: string | null = null;
  private model: string | null = null;
  private hasError = false;
  private readonly plain: JsonFields | null;
  private readonly stream: EventStream | null;
  private decoder: Transform | null = null;
  private decodedBytes = 0;

  constructor(contentType: string, contentEncoding: string) {
    const isStream = contentType.startsWith('text/event-stream');
    this.stream = isStream ? new EventStream(FIELDS, (event) => this.take(event, true)) : null;
    this.plain = isStream ? null : new JsonFields(FIELDS);
    if (contentEncoding && contentEncoding !== 'identity') this.decoder = this.newDecoder(contentEncoding);
  }

  /** Whether answers of this type can say anything about usage. */
  static reads(contentType: string, contentEncoding: string): boolean {
    const isReadable = !contentEncoding || contentEncoding === 'identity' || contentEncoding in DECODERS;
    return isReadable && (contentType.startsWith('text/event-stream') || /[/+]json\b/.test(contentType));
  }

  read(chunk: Buffer): void {
    if (!this.decoder) return this.look(chunk);
    // Falling that far behind would only pile up memory: then this call's usage stays unknown.
    if (this.decoder.writableLength < MOST_WAITING_BYTES) this.decoder.write(chunk);
    else this.decoder.destroy();
  }

  /** Calls back once with what was read; at once unless something is still being decompressed. */
  finish(done: (reading: Reading) => void): void {
    const { decoder } = this;
    if (!decoder || decoder.destroyed) return done(this.conclude());
    decoder.once('close', () => done(this.conclude()));
    decoder.end();
  }

  private newDecoder(encoding: string): Transform {
    const decoder = DECODERS[encoding]!();
    decoder.on('data', (chunk: Buffer) => {
      this.decodedBytes += chunk.length;
      if (this.decodedBytes > MOST_DECODED_BYTES) decoder.destroy();
      else this.look(chunk);
    });
    // What is no valid compression says nothing; the client gets the same bytes and will notice by itself.
    decoder.on('error', () => decoder.destroy());
    return decoder;
  }

  private look(chunk: Buffer): void {
    if (this.stream) this.stream.read(chunk);
    else this.plain!.read(chunk);
  }

  private conclude(): Reading {
    if (this.stream) this.stream.end();
    else if (this.plain) this.take(this.plain, false);
    const { generationId, model, hasError } = this;
    return { usage: this.tally.usage, generationId, model, hasError };
  }

  private take(fields: JsonFields, isEvent: boolean): void {
    // Anthropic's first event knows the input; of the output it only knows that it has begun.
    const opening = fields.textOf('message.usage');
    if (opening) this.tally.add(opening, true);
    for (const path of ['response.usage', 'usage']) {
      const usage = fields.textOf(path);
      if (usage) this.tally.add(usage);
    }
    this.generationId ??= first(fields, 'id', callId);
    this.model ??= first(fields, 'model', modelName);
    if (isEvent && tellsOfError(fields)) this.hasError = true;
  }
}

/** The id that a provider gives a call; null for what cannot be one. */
export function callId(value: unknown): string | null {
  return typeof value === 'string' && GENERATION_ID.test(value) ? value : null;
}

/** The field, wherever the event has it. */
function first(fields: JsonFields, name: string, read: (value: unknown) => string | null): string | null {
  for (const path of [`response.${name}`, `message.${name}`, name]) {
    const value = fields.textOf(path) === undefined ? null : read(fields.valueOf(path));
    if (value !== null) return value;
  }
  return null;
}

/** In a field of its own, or, as the responses API may, in an event that is one. */
function tellsOfError(event: JsonFields): boolean {
  const hasField = isPresent(event.textOf('error')) || isPresent(event.textOf('response.error'));
  return hasField || event.textOf('type') === '"error"';
}

function isPresent(text: string | undefined): boolean {
  return text !== undefined && text !== 'null';
}

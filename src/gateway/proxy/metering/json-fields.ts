const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const DEEPEST_KEY = 2;
const LONGEST_KEY = 256;
const LONGEST_VALUE = 16_384;
const SHORT_TEXT = 32;
/** Letters that some readers take for others, as `M` for `m` and `ſ` for `s`. */
const UNUSUAL = /[^a-z_.]/;

/**
 * Reads chosen fields of a JSON object while its bytes pass by, in pieces of any size, and keeps nothing else of it.
 * Fields are named by their path, one or two keys long (`usage`, `response.usage`). It does not check the JSON: what is
 * no JSON has no fields.
 */
export class JsonFields {
  private readonly raw = new Map<string, string | null>();
  /** A second reader may see something else: text around the document, or a field under another spelling. */
  private isDoubtful = false;
  private hasEnded = false;
  private depth = 0;
  private inString = false;
  private isEscaped = false;
  /** By depth: whether it is an object, whether a key comes next there, and the key that was read last. */
  private readonly isObject = [false, false, false];
  private readonly awaitsKey = [false, false, false];
  private readonly keys = ['', '', ''];
  private isReadingKey = false;
  private captured: string | null = null;
  private capturedDepth = 0;
  private captureFrom = -1;
  private pieces: Buffer[] = [];
  private piecesLength = 0;

  constructor(private readonly wanted: ReadonlySet<string>) {}

  /** True between documents. */
  get isComplete(): boolean {
    return this.depth === 0;
  }

  /** Reads on; `start` and `end` bound the part of the chunk that belongs to the document. */
  read(chunk: Buffer, start = 0, end = chunk.length): void {
    if (this.isCapturing) this.captureFrom = start;
    let at = start;
    while (at < end) {
      if (this.inString) at = this.readString(chunk, at, end);
      else this.readStructure(chunk, at, chunk[at++]!);
    }
    if (this.isCapturing) this.keep(chunk, end);
  }

  /**
   * Whether any reader finds the same in the wanted fields: it was one whole object and nothing else, and none of them stood
   * there twice, was too long, or was spelt with other letters, capital or small.
   */
  get isClear(): boolean {
    return this.hasEnded && this.depth === 0 && !this.isDoubtful && ![...this.raw.values()].includes(null);
  }

  /** The JSON text of a field; undefined where it is missing, was too long, or stood there twice. */
  textOf(path: string): string | undefined {
    return this.raw.get(path) ?? undefined;
  }

  /** The value of a field that is a string, a number or another small thing; undefined where it cannot be read. */
  valueOf(path: string): unknown {
    const text = this.textOf(path);
    return text === undefined ? undefined : parse(text);
  }

  reset(): void {
    this.raw.clear();
    this.isDoubtful = this.hasEnded = false;
    this.depth = 0;
    this.inString = this.isEscaped = this.isReadingKey = false;
    this.captured = null;
    this.dropPieces();
  }

  private get isCapturing(): boolean {
    return this.isReadingKey || this.captured !== null;
  }

  /** Returns where to read on: behind the string, or at the end. */
  private readString(chunk: Buffer, start: number, end: number): number {
    let at = this.isEscaped ? start + 1 : start;
    while (at < end) {
      at = nextMark(chunk, at, end);
      if (at < end && chunk[at] === QUOTE) {
        this.isEscaped = false;
        this.closeString(chunk, at);
        return at + 1;
      }
      if (at < end) at += 2;
    }
    this.isEscaped = at > end;
    return end;
  }

  private readStructure(chunk: Buffer, at: number, byte: number): void {
    if (byte === QUOTE) this.openString(at);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.open(byte === OPEN_BRACE);
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.close(chunk, at);
    else if (this.depth === 0) this.isDoubtful ||= byte > SPACE;
    else if (this.depth <= DEEPEST_KEY && this.isObject[this.depth]) {
      if (byte === COMMA) {
        this.endValue(chunk, at);
        this.awaitsKey[this.depth] = true;
      } else if (byte === COLON) this.beginValue(at + 1);
    }
  }

  private openString(at: number): void {
    this.inString = true;
    if (this.depth === 0) this.isDoubtful = true;
    if (this.depth > DEEPEST_KEY || !this.awaitsKey[this.depth] || this.captured !== null) return;
    this.isReadingKey = true;
    this.captureFrom = at;
  }

  private closeString(chunk: Buffer, at: number): void {
    this.inString = false;
    if (!this.isReadingKey) return;
    this.isReadingKey = false;
    this.keys[this.depth] = keyOf(this.take(chunk, at + 1, LONGEST_KEY));
  }

  private open(isObject: boolean): void {
    if (this.depth === 0 && (this.hasEnded || !isObject)) this.isDoubtful = true;
    if (++this.depth > DEEPEST_KEY) return;
    this.isObject[this.depth] = isObject;
    this.awaitsKey[this.depth] = isObject;
    this.keys[this.depth] = '';
  }

  private close(chunk: Buffer, at: number): void {
    this.endValue(chunk, at);
    if (this.depth <= DEEPEST_KEY) this.isObject[this.depth] = this.awaitsKey[this.depth] = false;
    if (this.depth === 0) this.isDoubtful = true;
    else if (--this.depth === 0) this.hasEnded = true;
  }

  private beginValue(at: number): void {
    this.awaitsKey[this.depth] = false;
    if (this.captured !== null) return;
    const path = this.depth === 1 ? this.keys[1]! : this.pathOfSecond();
    if (!this.wanted.has(path)) {
      if (UNUSUAL.test(path) && this.wanted.has(path.toUpperCase().toLowerCase())) this.isDoubtful = true;
      return;
    }
    this.captured = path;
    this.capturedDepth = this.depth;
    this.captureFrom = at;
  }

  private pathOfSecond(): string {
    return this.isObject[1] ? `${this.keys[1]}.${this.keys[2]}` : '';
  }

  private endValue(chunk: Buffer, at: number): void {
    if (this.captured === null || this.depth !== this.capturedDepth) return;
    const text = this.take(chunk, at, LONGEST_VALUE);
    this.raw.set(this.captured, this.raw.has(this.captured) ? null : (text?.trim() ?? null));
    this.captured = null;
  }

  /** Remembers the bytes up to `end` of what is being captured, as far as they are worth it. */
  private keep(chunk: Buffer, end: number): void {
    this.piecesLength += end - this.captureFrom;
    if (this.piecesLength <= LONGEST_VALUE) this.pieces.push(chunk.subarray(this.captureFrom, end));
    else this.pieces = [];
  }

  /** What was captured up to `end`; null where that is too long. */
  private take(chunk: Buffer, end: number, longest: number): string | null {
    if (this.piecesLength === 0) {
      return end - this.captureFrom > longest ? null : chunk.toString('utf8', this.captureFrom, end);
    }
    this.keep(chunk, end);
    const text = this.piecesLength > longest ? null : Buffer.concat(this.pieces).toString();
    this.dropPieces();
    return text;
  }

  private dropPieces(): void {
    this.pieces = [];
    this.piecesLength = 0;
  }
}

/** Where the next quote or backslash stands; `end` if there is none. Long texts are searched by the machine's own means. */
function nextMark(chunk: Buffer, start: number, end: number): number {
  const close = Math.min(end, start + SHORT_TEXT);
  for (let at = start; at < close; at++) if (chunk[at] === QUOTE || chunk[at] === BACKSLASH) return at;
  if (close === end) return end;
  const found = chunk.indexOf(QUOTE, close);
  const quote = found < 0 || found > end ? end : found;
  const backslash = chunk.subarray(close, quote).indexOf(BACKSLASH);
  return backslash < 0 ? quote : close + backslash;
}

/** A key without its quotes; empty for one that cannot be read. */
function keyOf(quoted: string | null): string {
  if (!quoted?.includes('\\')) return quoted?.slice(1, -1) ?? '';
  const key = parse(quoted);
  return typeof key === 'string' ? key : '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

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

/**
 * Reads chosen fields of a JSON object while its bytes pass by, in pieces of any size, and keeps nothing else of it.
 * Fields are named by their path, one or two keys long (`usage`, `response.usage`). It does not check the JSON: what is
 * no JSON has no fields.
 */
export class JsonFields {
  private readonly raw = new Map<string, string | null>();
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
    for (let at = start; at < end; at++) {
      const byte = chunk[at]!;
      if (!this.inString) this.readStructure(chunk, at, byte);
      else if (this.isEscaped) this.isEscaped = false;
      else if (byte === BACKSLASH) this.isEscaped = true;
      else if (byte === QUOTE) this.closeString(chunk, at);
    }
    if (this.isCapturing) this.keep(chunk, end);
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
    this.depth = 0;
    this.inString = this.isEscaped = this.isReadingKey = false;
    this.captured = null;
    this.dropPieces();
  }

  private get isCapturing(): boolean {
    return this.isReadingKey || this.captured !== null;
  }

  private readStructure(chunk: Buffer, at: number, byte: number): void {
    if (byte === QUOTE) this.openString(at);
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.open(byte === OPEN_BRACE);
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) this.close(chunk, at);
    else if (this.depth <= DEEPEST_KEY && this.isObject[this.depth]) {
      if (byte === COMMA) {
        this.endValue(chunk, at);
        this.awaitsKey[this.depth] = true;
      } else if (byte === COLON) this.beginValue(at + 1);
    }
  }

  private openString(at: number): void {
    this.inString = true;
    if (this.depth > DEEPEST_KEY || !this.awaitsKey[this.depth] || this.captured !== null) return;
    this.isReadingKey = true;
    this.captureFrom = at;
  }

  private closeString(chunk: Buffer, at: number): void {
    this.inString = false;
    if (!this.isReadingKey) return;
    this.keep(chunk, at + 1);
    this.isReadingKey = false;
    const key = this.piecesLength > LONGEST_KEY ? undefined : parse(this.takePieces());
    this.dropPieces();
    this.keys[this.depth] = typeof key === 'string' ? key : '';
  }

  private open(isObject: boolean): void {
    if (++this.depth > DEEPEST_KEY) return;
    this.isObject[this.depth] = isObject;
    this.awaitsKey[this.depth] = isObject;
    this.keys[this.depth] = '';
  }

  private close(chunk: Buffer, at: number): void {
    this.endValue(chunk, at);
    if (this.depth <= DEEPEST_KEY) this.isObject[this.depth] = this.awaitsKey[this.depth] = false;
    if (this.depth > 0) this.depth--;
  }

  private beginValue(at: number): void {
    this.awaitsKey[this.depth] = false;
    if (this.captured !== null) return;
    const path = this.depth === 1 ? this.keys[1]! : this.pathOfSecond();
    if (!this.wanted.has(path)) return;
    this.captured = path;
    this.capturedDepth = this.depth;
    this.captureFrom = at;
  }

  private pathOfSecond(): string {
    return this.isObject[1] ? `${this.keys[1]}.${this.keys[2]}` : '';
  }

  private endValue(chunk: Buffer, at: number): void {
    if (this.captured === null || this.depth !== this.capturedDepth) return;
    this.keep(chunk, at);
    const isRepeated = this.raw.has(this.captured);
    const isTooLong = this.piecesLength > LONGEST_VALUE;
    this.raw.set(this.captured, isRepeated || isTooLong ? null : this.takePieces().trim());
    this.captured = null;
    this.dropPieces();
  }

  /** Remembers the bytes up to `end` of what is being captured, as far as they are worth it. */
  private keep(chunk: Buffer, end: number): void {
    this.piecesLength += end - this.captureFrom;
    if (this.piecesLength <= LONGEST_VALUE) this.pieces.push(chunk.subarray(this.captureFrom, end));
    else this.pieces = [];
  }

  private takePieces(): string {
    return (this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces)).toString();
  }

  private dropPieces(): void {
    this.pieces = [];
    this.piecesLength = 0;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

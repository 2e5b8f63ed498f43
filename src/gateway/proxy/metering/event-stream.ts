import { JsonFields } from './json-fields.js';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DATA = Buffer.from('data:');

/** Reads chosen fields of the JSON events of a server-sent event stream, however its bytes are cut into chunks. */
export class EventStream {
  private readonly fields: JsonFields;
  /** How much of `data:` the line at hand has shown so far; -1 for a line that is something else. */
  private matched = 0;
  private lineLength = 0;
  private isDirty = false;

  /** `onEvent` may read the fields until it returns. */
  constructor(
    wanted: ReadonlySet<string>,
    private readonly onEvent: (event: JsonFields) => void,
  ) {
    this.fields = new JsonFields(wanted);
  }

  read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const lineFeed = chunk.indexOf(LINE_FEED, at);
      const end = lineFeed < 0 ? chunk.length : lineFeed;
      this.readLine(chunk, at, end);
      if (lineFeed < 0) return;
      this.endLine();
      at = end + 1;
    }
  }

  /** The stream is over; its last event may lack the empty line. */
  end(): void {
    this.endEvent();
  }

  private readLine(chunk: Buffer, start: number, end: number): void {
    let at = start;
    while (at < end && this.matched >= 0 && this.matched < DATA.length) {
      if (chunk[at] === CARRIAGE_RETURN && this.lineLength === 0) return;
      this.matched = chunk[at] === DATA[this.matched] ? this.matched + 1 : -1;
      this.lineLength++;
      at++;
    }
    if (this.matched !== DATA.length || at >= end) return;
    this.isDirty = true;
    this.fields.read(chunk, at, end);
  }

  /** Some servers leave the empty line out: a document that is complete is an event in any case. */
  private endLine(): void {
    if (this.lineLength === 0 || (this.matched === DATA.length && this.fields.isComplete)) this.endEvent();
    this.matched = 0;
    this.lineLength = 0;
  }

  private endEvent(): void {
    if (!this.isDirty) return;
    this.onEvent(this.fields);
    this.fields.reset();
    this.isDirty = false;
  }
}

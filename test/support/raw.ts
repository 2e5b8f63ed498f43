import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** One answer as it came over the wire. */
export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** Sends these very bytes and reads until the server hangs up; for what no decent HTTP client would send. */
export async function sendRaw(url: string, ...lines: string[]): Promise<RawAnswer[]> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(lines.join('\r\n'));
  return answersIn((await buffer(socket)).toString());
}

function answersIn(text: string): RawAnswer[] {
  return text
    .split(/(?=HTTP\/1\.1 \d{3})/)
    .filter(Boolean)
    .map((part) => {
      const [head = '', ...body] = part.split('\r\n\r\n');
      const [first = '', ...fields] = head.split('\r\n');
      const headers = fields.map((field) => [
        field.slice(0, field.indexOf(':')).toLowerCase(),
        field.replace(/^.*?: /, ''),
      ]);
      return {
        status: Number(first.split(' ')[1]),
        headers: Object.fromEntries(headers) as never,
        body: body.join(''),
      };
    });
}

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestGateway } from '../support/gateway.ts';
import { sendRaw } from '../support/raw.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

describe('an answer of an upstream', () => {
  let upstream: Server;
  let gateway: TestGateway;
  let packets: string[] = [];
  beforeAll(async () => {
    upstream = createServer((socket) => {
      socket
        .on('error', () => undefined)
        .on('data', (request) => {
          if (!request.toString().endsWith('{}')) return;
          // Each in a packet of its own, once the one before has surely been read.
          for (const [index, packet] of packets.entries()) setTimeout(() => socket.write(packet), 20 * index);
        });
    });
    upstream.listen(0, '127.0.0.1');
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo;
    gateway = await TestGateway.start({ upstream: { baseUrl: `http://127.0.0.1:${port}/v1` } });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await new Promise((resolve) => upstream.close(resolve));
  });

  async function answerTo(...sent: string[]) {
    packets = sent;
    const lines = ['POST /proxy/v1/chat/completions HTTP/1.1', 'Host: x', `x-api-key: ${gateway.secret}`];
    const answers = await sendRaw(gateway.url, ...lines, 'Content-Length: 2', 'Connection: close', '', '{}');
    const error = (await gateway.ledger.atLeast(gateway.ledger.calls.length)).at(-1)!.error;
    return { ...answers.at(-1)!, answers: answers.length, error };
  }

  it.each<[string, string[], number, string]>([
    ['whole in one packet', [`${OK}Content-Length: 5\r\n\r\nhello`], 200, 'hello'],
    ['its body in a packet of its own', [`${OK}Content-Length: 5\r\n\r\n`, 'hello'], 200, 'hello'],
    ['its body in two packets', [`${OK}Content-Length: 5\r\n\r\nhe`, 'llo'], 200, 'hello'],
    ['nothing to say', [`${OK}Content-Length: 0\r\n\r\n`], 200, ''],
    ['no body by its status', ['HTTP/1.1 204 No Content\r\n\r\n'], 204, ''],
    ['the length of a body that it has not', ['HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n'], 304, ''],
    [
      'news before it',
      [`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}Content-Length: 5\r\n\r\nhello`],
      200,
      'hello',
    ],
  ])('is passed on with %s', async (_what, sent, status, body) => {
    expect(await answerTo(...sent)).toMatchObject({ answers: 1, status, body, error: null });
  });

  it.each<[string, string[]]>([
    ['all in one packet', [`${CHUNKED}3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n`]],
    ['one by one', [CHUNKED, '3\r\none\r\n', '3\r\ntwo\r\n', '5\r\nthree\r\n', '0\r\n\r\n']],
    ['the first with the headers', [`${CHUNKED}3\r\none\r\n`, '3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n']],
  ])('keeps its pieces in order: %s', async (_what, sent) => {
    const { body, status, error } = await answerTo(...sent);
    const pieces = body.split('\r\n').filter((line) => /[a-z]/.test(line) && !/^[\da-f]+$/.test(line));
    expect({ text: pieces.join(''), status, error }).toEqual({ text: 'onetwothree', status: 200, error: null });
  });
});

// A server of the gateway benchmark, in a process of its own: `upstream` or `pass-through`.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent } from 'undici';

const ANSWER = Buffer.from(
  JSON.stringify({
    id: 'gen-bench',
    model: 'openai/gpt-5',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'x'.repeat(290) } }],
    usage: {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      cost: 0.000123,
      prompt_tokens_details: { cached_tokens: 50 },
      completion_tokens_details: { reasoning_tokens: 0 },
    },
  }),
);

const STREAM_EVENTS = 200;
const EVENT_EVERY_MS = Number(process.env.BENCH_EVENT_MS ?? 50);

const upstream: RequestListener = (req, res) => {
  let body = '';
  req.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
  req.on('end', () => {
    if (!body.includes('"stream":true')) {
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': ANSWER.length }).end(ANSWER);
      return;
    }
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    let sent = 0;
    const send = () => {
      const content = `${process.hrtime.bigint()}`;
      res.write(`data: ${JSON.stringify({ id: 'gen-bench', choices: [{ index: 0, delta: { content } }] })}\n\n`);
      if (++sent < STREAM_EVENTS) return;
      clearInterval(timer);
      res.end('data: {"id":"gen-bench","choices":[],"usage":{"prompt_tokens":9,"cost":0.1}}\n\ndata: [DONE]\n\n');
    };
    const timer = setInterval(send, EVENT_EVERY_MS);
    if (body.includes('"brief"')) sent = STREAM_EVENTS - 1;
    res.on('close', () => clearInterval(timer));
    send();
  });
};

/** The least that a proxy on undici can do. */
function passThrough(target: string): RequestListener {
  const agent = new Agent({ allowH2: false });
  return (req, res) => {
    const { host: _host, connection: _connection, 'content-length': _length, ...headers } = req.headers;
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      agent.dispatch(
        { origin: target, path: req.url ?? '/', method: req.method ?? 'GET', headers, body: Buffer.concat(chunks) },
        {
          onRequestStart: () => undefined,
          onResponseStart: (_controller, status, answer) => {
            const { connection: _answerConnection, 'keep-alive': _keepAlive, ...kept } = answer;
            res.writeHead(status, kept);
          },
          onResponseData: (_controller, chunk) => void res.write(chunk),
          onResponseEnd: () => void res.end(),
          onResponseError: () => void res.destroy(),
        },
      );
    });
  };
}

const [kind, target = ''] = process.argv.slice(2);
const server = createServer(kind === 'upstream' ? upstream : passThrough(target));
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('disconnect', () => process.exit());

import { describe, expect, it } from 'vitest';
import { modelName, RequestReader } from './call-request.js';

describe('the name of a model', () => {
  it.each([null, 7, '', 'x'.repeat(256), 'a\u0000b', 'a\nb', 'a\ud800'])('is not %j', (value) => {
    expect(modelName(value)).toBeNull();
  });

  it('may be anything else', () => {
    expect(modelName('openai/gpt-5 „groß“ 🙂')).toBe('openai/gpt-5 „groß“ 🙂');
  });
});

describe('the models that a request asks for', () => {
  function modelsIn(body: string): [string | null, readonly string[]] {
    const reader = new RequestReader();
    for (const part of [body.slice(0, 9), body.slice(9)]) reader.read(Buffer.from(part));
    const { model, fallbackModels } = reader.request('POST', '/chat/completions', body.length);
    return [model, fallbackModels];
  }

  it.each<[string, string | null, string[]]>([
    ['{"model":"openai/x"}', 'openai/x', []],
    [
      ' {"model":"openai/x","models":["openai/y","z"],"messages":[{"model":"other"}]}\r\n',
      'openai/x',
      ['openai/y', 'z'],
    ],
    ['{"models":["openai/y"],"model":null}', null, ['openai/y']],
    ['{"modality":"M","Name":"x","model":"openai/x"}', 'openai/x', []],
  ])('are those of %s', (body, model, models) => {
    expect(modelsIn(body)).toEqual([model, models]);
  });

  it.each([
    '{"model":"openai/x","models":["openai/x"],"models":["evil/y"]}',
    '{"models":["openai/x"],"model":"openai/x","model":"evil/y"}',
    `{"model":"openai/x","models":[${' '.repeat(17_000)}"evil/y"]}`,
    `{"models":["openai/x"],"model":"evil/${'y'.repeat(300)}"}`,
    '{"model":"openai/x","models":"evil/y"}',
    '{"model":"openai/x","models":[{"id":"evil/y"}]}',
    '{"model":"openai/x","Model":"evil/y"}',
    '{"model":"openai/x","model\u017f":["evil/y"]}',
    'model=evil&x={"model":"openai/x"}',
    '{"model":"openai/x"}{"model":"evil/y"}',
    '{"model":"openai/x"} evil',
    '"{"{"model":"openai/x"}',
    '[{"model":"openai/x"}]',
    ']{"model":"openai/x"}',
    '{"model":"openai/x"',
    '--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n{"model":"openai/x"}\r\n--b--',
    '',
  ])('are none where two readers could find different ones: %s', (body) => {
    expect(modelsIn(body)).toEqual([null, []]);
  });
});

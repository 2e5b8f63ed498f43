import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonFields } from './json-fields.js';

const WANTED = new Set(['model', 'usage', 'response.usage']);

function fieldsOf(json: string, ...cuts: number[]): JsonFields {
  const bytes = Buffer.from(json);
  const fields = new JsonFields(WANTED);
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    fields.read(bytes.subarray(from, cut));
    from = cut;
  }
  return fields;
}

const cutsOf = (json: string) =>
  fc.array(fc.nat(Buffer.byteLength(json)), { maxLength: 6 }).map((cuts) => cuts.toSorted((one, other) => one - other));

describe('reading chosen fields of JSON', () => {
  it('finds them as JSON.parse would, however the bytes are cut', () => {
    const document = fc.record(
      {
        model: fc.string({ unit: 'binary', maxLength: 20 }),
        usage: fc.jsonValue({ maxDepth: 3 }),
        response: fc.oneof(fc.record({ usage: fc.jsonValue(), other: fc.jsonValue() }), fc.jsonValue({ maxDepth: 2 })),
        choices: fc.array(fc.record({ model: fc.string(), usage: fc.jsonValue({ maxDepth: 1 }) })),
        prompt: fc.string({ unit: fc.constantFrom('x', 'é', '"', '\\', 'long text'), minLength: 20, maxLength: 200 }),
      },
      { requiredKeys: [] },
    );
    const spaces = fc.constantFrom('', ' ', '\t');
    const cases = fc.tuple(document, spaces).chain(([value, space]) => {
      const json = JSON.stringify(value, null, space);
      return fc.tuple(fc.constant(json), cutsOf(json));
    });
    fc.assert(
      fc.property(cases, ([json, cuts]) => {
        const fields = fieldsOf(json, ...cuts);
        const parsed = JSON.parse(json) as { model?: unknown; usage?: unknown; response?: { usage?: unknown } | null };
        expect(fields.valueOf('model')).toEqual(parsed.model);
        expect(fields.valueOf('usage')).toEqual(parsed.usage);
        const isObject = typeof parsed.response === 'object' && !Array.isArray(parsed.response);
        expect(fields.valueOf('response.usage')).toEqual(isObject ? parsed.response?.usage : undefined);
        expect(fields.isComplete).toBe(true);
      }),
    );
  });

  it('reads a key that is written with escapes', () => {
    expect(fieldsOf('{"mod\\u0065l":"gpt\\u002d5"}').valueOf('model')).toBe('gpt-5');
  });

  it('does not guess where a field stands twice', () => {
    expect(fieldsOf('{"model":"cheap","model":"dear"}').valueOf('model')).toBeUndefined();
  });

  it('keeps nothing of a value that is too long', () => {
    expect(fieldsOf(`{"model":"${'x'.repeat(20_000)}","usage":1}`, 100, 15_000).valueOf('model')).toBeUndefined();
    expect(fieldsOf(`{"${'k'.repeat(300)}":1,"usage":1}`).valueOf('usage')).toBe(1);
  });

  it('survives what is no JSON', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const fields = new JsonFields(WANTED);
        fields.read(Buffer.from(bytes));
        return fields.valueOf('nothing') === undefined;
      }),
    );
    expect(fieldsOf(']]}}{"usage":tru}').valueOf('usage')).toBeUndefined();
    expect(fieldsOf('['.repeat(100_000)).isComplete).toBe(false);
    expect(fieldsOf('[{"model":"inside a list"}]').valueOf('model')).toBeUndefined();
  });
});

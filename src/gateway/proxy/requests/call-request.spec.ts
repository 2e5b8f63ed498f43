import { expect, it } from 'vitest';
import { modelName } from './call-request.js';

it.each([null, 7, '', 'x'.repeat(256), 'a\u0000b', 'a\nb', 'a\ud800'])('%j names no model', (value) => {
  expect(modelName(value)).toBeNull();
});

it('a model may be called anything else', () => {
  expect(modelName('openai/gpt-5 „groß“ 🙂')).toBe('openai/gpt-5 „groß“ 🙂');
});

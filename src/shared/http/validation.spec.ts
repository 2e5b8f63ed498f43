import { IsString } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { Unprocessable } from '../errors.js';
import { newValidationPipe } from './validation.js';

class Note {
  @IsString()
  text!: string;
}

const refusalOf = async (body: object) => {
  const pipe = newValidationPipe();
  const refusal: unknown = await pipe
    .transform(body, { type: 'body', metatype: Note })
    .catch((error: unknown) => error);
  return (refusal as Unprocessable).errors;
};

describe('the check of what was sent', () => {
  it('names the field that is wrong and the one that is not known', async () => {
    expect(await refusalOf({ text: 1, colour: 'red' })).toEqual([
      { field: 'colour', message: 'colour is not a known field.' },
      { field: 'text', message: 'text must be a string.' },
    ]);
  });

  it('tells no more than twelve characters of a secret that stands where a name belongs', async () => {
    const secret = `or_api_${'a'.repeat(49)}`;
    expect(await refusalOf({ text: 'x', [secret]: 1 })).toEqual([
      { field: 'or_api_aaaaa…', message: 'or_api_aaaaa… is not a known field.' },
    ]);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('#37 refuses %s like any other unknown field', async (name) => {
    const body = JSON.parse(`{"text":"x","${name}":{"role":"admin"}}`) as object;
    expect(await refusalOf(body)).toEqual([{ field: name, message: `${name} is not a known field.` }]);
  });

  it('gives a query that was good before as a new object, and refuses a bad one as often as it comes', async () => {
    const pipe = newValidationPipe();
    const query = { type: 'query', metatype: Note } as const;
    const first = (await pipe.transform({ text: 'x' }, query)) as Note;
    first.text = 'changed';
    const second = (await pipe.transform({ text: 'x' }, query)) as Note;
    expect(second).toBeInstanceOf(Note);
    second.text = 'changed';
    expect(await pipe.transform({ text: 'x' }, query)).toEqual({ text: 'x' });
    for (let time = 0; time < 2; time++)
      await expect(pipe.transform({ text: 'x', colour: 'red' }, query)).rejects.toThrow(Unprocessable);
  });

  it('#38 takes no text for a number', async () => {
    const id = { type: 'param', metatype: Number } as const;
    for (const text of ['0x1', ' 1', '1e0']) expect(await newValidationPipe().transform(text, id)).toBe(text);
  });
});

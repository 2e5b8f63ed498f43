import { Param } from '@nestjs/common';
import { NotFound } from '../../errors.js';
import { LARGEST_ID } from './whole-number.field.js';

/** The `{id}` of the address as a whole number; whatever cannot be an id is a 404 like any other unknown id. */
export const Id = (what: string) => Param('id', { transform: (text: string) => idOf(text, what) });

function idOf(text: string, what: string): number {
  const id = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : 0;
  if (id === 0 || id > LARGEST_ID) throw new NotFound(what);
  return id;
}

import { type ArgumentMetadata, ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { type FieldError, Unprocessable } from '../errors.js';

const LONGEST_UNKNOWN_NAME = 24;
/** What the memory is to hold of queries that were found good, for each DTO. */
const MOST_KEPT_QUERIES = 200;
const LONGEST_KEPT_QUERY = 300;

/** Names that Nest drops without a word, because they lead to what all objects share. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

/** Checks every body and query against its DTO; unknown fields are refused, and a refusal names each field. */
export function newValidationPipe(): ValidationPipe {
  return new StrictPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => new Unprocessable(...fieldErrors(errors)),
  });
}

/** The refusal of fields that nobody knows here. */
export function unknownFields(names: string[]): Unprocessable {
  return new Unprocessable(
    ...names.map(shortened).map((field) => ({ field, message: `${field} is not a known field.` })),
  );
}

class StrictPipe extends ValidationPipe {
  /** Queries that were found good, by their DTO and their text: programs ask the same again and again. */
  private readonly good = new Map<unknown, Map<string, object>>();

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const reserved = RESERVED.filter((name) => Object.hasOwn(Object(value) as object, name));
    if (reserved.length > 0) throw unknownFields(reserved);
    return metadata.type === 'query' ? this.checkQuery(value, metadata) : this.check(value, metadata);
  }

  private async checkQuery(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const known = this.good.get(metadata.metatype) ?? new Map<string, object>();
    this.good.set(metadata.metatype, known);
    const text = JSON.stringify(value);
    const kept = known.get(text);
    // A copy, which whoever gets it may change.
    if (kept) return Object.assign(Object.create(Object.getPrototypeOf(kept) as object) as object, kept);
    const checked = await this.check(value, metadata);
    if (typeof checked !== 'object' || checked === null || text.length > LONGEST_KEPT_QUERY) return checked;
    if (known.size >= MOST_KEPT_QUERIES) known.delete(known.keys().next().value!);
    known.set(text, { __proto__: Object.getPrototypeOf(checked) as object, ...checked });
    return checked;
  }

  private check(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    return super.transform(value, metadata) as Promise<unknown>;
  }

  /** Part of an address is text until a field says otherwise: Nest would take `0x1` and ` 1` for the id 1. */
  protected override transformPrimitive(value: unknown): unknown {
    return value;
  }
}

function fieldErrors(errors: ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap((error) => {
    const { whitelistValidation: isUnknown, ...broken } = error.constraints ?? {};
    const field = parent + (isUnknown ? shortened(error.property) : error.property);
    const messages = isUnknown ? [`${field} is not a known field`] : Object.values(broken);
    const own = messages.slice(0, 1).map((message) => ({ field, message: sentence(message) }));
    return [...own, ...fieldErrors(error.children ?? [], `${field}.`)];
  });
}

/** Somebody may have put a secret where the name of a field belongs. */
function shortened(name: string): string {
  return name.length > LONGEST_UNKNOWN_NAME ? `${name.slice(0, 12)}…` : name;
}

function sentence(message: string): string {
  return message.endsWith('.') ? message : `${message}.`;
}

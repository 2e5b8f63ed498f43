import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { buildMessage, ValidateBy } from 'class-validator';

/** The largest number that both databases take as an id. */
export const LARGEST_ID = 2_147_483_647;

/** A whole number in an address, `?limit=100`: digits alone, from `least` to `most`. */
export const IsWholeNumber = (least: number, most: number) =>
  applyDecorators(
    ApiProperty({ type: 'integer', minimum: least, maximum: most }),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
    ),
    ValidateBy({
      name: 'isWholeNumber',
      validator: {
        validate: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
        defaultMessage: buildMessage(() => `$property must be a whole number from ${least} to ${most}.`),
      },
    }),
  );

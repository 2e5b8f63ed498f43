import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { buildMessage, ValidateBy } from 'class-validator';
import { isDay } from '../../time/period.js';

/** A day that exists, `YYYY-MM-DD`. */
export const IsDay = () =>
  applyDecorators(
    ApiProperty({ format: 'date' }),
    ValidateBy({
      name: 'isDay',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && isDay(value),
        defaultMessage: buildMessage(() => '$property must be a day that exists, as YYYY-MM-DD.'),
      },
    }),
  );

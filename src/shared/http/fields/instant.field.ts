import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { buildMessage, IsISO8601, IsRFC3339, ValidateBy } from 'class-validator';

const NO_INSTANT = '$property must be an instant with a time zone, such as 2027-01-01T00:00:00Z.';
const LAST_YEAR = 9999;

/** An instant that exists and that four digits can tell the year of, in UTC too. */
export const IsInstant = () =>
  applyDecorators(
    ApiProperty({ format: 'date-time' }),
    IsISO8601({ strict: true }, { message: NO_INSTANT }),
    IsRFC3339({ message: NO_INSTANT }),
    ValidateBy({
      name: 'isInCalendar',
      validator: {
        validate: (value: unknown) => typeof value !== 'string' || !(new Date(value).getUTCFullYear() > LAST_YEAR),
        defaultMessage: buildMessage(() => `$property must be before the year ${LAST_YEAR + 1}.`),
      },
    }),
  );

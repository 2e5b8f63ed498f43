import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

/** Text to be compared as it is: 1 to `most` characters, none of them a control character, which no database takes. */
export const IsText = (most: number) =>
  applyDecorators(
    ApiProperty({ minLength: 1, maxLength: most }),
    Matches(new RegExp(`^[^\\p{Cc}\\p{Cs}]{1,${most}}$`, 'u'), {
      message: `$property must be 1 to ${most} characters, without line breaks and other control characters.`,
    }),
  );

import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { Matches } from 'class-validator';

/**
 * A name that a person gives to something: 1 to `most` characters, none of them a control character; spaces around it
 * are dropped. Characters are counted as PostgreSQL counts them: an emoji with a skin tone is two.
 */
export const IsName = (most: number) =>
  applyDecorators(
    ApiProperty({ minLength: 1, maxLength: most }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value)),
    Matches(new RegExp(`^[^\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}]{1,${most}}$`, 'u'), {
      message: `$property must be 1 to ${most} characters, without line breaks and other control characters.`,
    }),
  );

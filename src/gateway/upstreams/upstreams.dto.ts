import { Transform } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, IsString, Length, Matches, Max, Min, ValidateIf } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { Unprocessable } from '../../shared/errors.js';
import { IsName } from '../../shared/http/fields/name.field.js';
import { LARGEST_ID } from '../../shared/http/fields/whole-number.field.js';
import type { OfferedCredential } from './upstream-intake.js';
import type { RegisteredUpstream, UpstreamProperties } from './upstream.entity.js';

const USUAL_TIMEOUT = 60;
const isGiven = (_: object, value: unknown) => value !== undefined;
const lowerCase = ({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim().toLowerCase() : value);

/** A provider's API that the gateway shall send requests to. It takes `api_key` or `api_key_id`, not both. */
export class NewUpstream {
  /** What clients name in `X-Upstream-Name`; no other upstream may have it. @example "openrouter" */
  @IsName(64)
  name!: string;

  /** Who runs it: `openrouter`, `openai`, `anthropic` or any other OpenAI-compatible one. @example "openrouter" */
  @Transform(lowerCase)
  @Matches(/^[a-z0-9][a-z0-9._-]{0,63}$/, {
    message: '$property must be 1 to 64 letters, digits, dots, hyphens or underscores.',
  })
  provider!: string;

  /** Where its API begins; requests to `/proxy/v1/…` go to this address plus `/…`. @example "https://openrouter.ai/api/v1" */
  @IsString()
  @Length(1, 2048)
  base_url!: string;

  /** Its key. It is stored encrypted and never shown again. @example "sk-or-v1-0123456789abcdef" */
  @ValidateIf(isGiven)
  @Matches(/^[\x21-\x7e]{1,512}$/, { message: '$property must be 1 to 512 printable characters without spaces.' })
  api_key?: string;

  /** In place of a key: the number of a registered OpenRouter key whose secret is used. @example 3 */
  @ValidateIf(isGiven)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  api_key_id?: number;

  /** Whether it serves requests that name no upstream; another default one steps back. @example true */
  @IsOptional()
  @IsBoolean()
  is_default: boolean = false;

  /** How many seconds it may take to begin its answer, and be silent within one. @example 60 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(300)
  timeout: number = USUAL_TIMEOUT;

  static propertiesOf(body: NewUpstream): UpstreamProperties {
    const { name, provider, base_url: baseUrl } = body;
    const timeoutSeconds = body.timeout ?? USUAL_TIMEOUT;
    return { name, provider, baseUrl, timeoutSeconds, isDefault: body.is_default ?? false, isActive: true };
  }

  /** Refuses a body that has none or two. */
  static credentialOf(body: NewUpstream): OfferedCredential {
    const offered = offeredBy(body);
    if (!offered) throw new Unprocessable({ field: 'api_key', message: 'Give an api_key or an api_key_id.' });
    return offered;
  }
}

/** What to change of an upstream; what is left out stays. */
export class UpstreamChanges {
  /** What clients name in `X-Upstream-Name`. @example "openrouter" */
  @ValidateIf(isGiven)
  @IsName(64)
  name?: string;

  /** Who runs it. @example "openrouter" */
  @ValidateIf(isGiven)
  @Transform(lowerCase)
  @Matches(/^[a-z0-9][a-z0-9._-]{0,63}$/, {
    message: '$property must be 1 to 64 letters, digits, dots, hyphens or underscores.',
  })
  provider?: string;

  /** Where its API begins. @example "https://openrouter.ai/api/v1" */
  @ValidateIf(isGiven)
  @IsString()
  @Length(1, 2048)
  base_url?: string;

  /** Another key of its own. @example "sk-or-v1-0123456789abcdef" */
  @ValidateIf(isGiven)
  @Matches(/^[\x21-\x7e]{1,512}$/, { message: '$property must be 1 to 512 printable characters without spaces.' })
  api_key?: string;

  /** From now on the secret of this registered OpenRouter key. @example 3 */
  @ValidateIf(isGiven)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  api_key_id?: number;

  /** Whether it serves requests that name no upstream. @example true */
  @ValidateIf(isGiven)
  @IsBoolean()
  is_default?: boolean;

  /** Switched off, it answers 503 to those who were granted it. @example true */
  @ValidateIf(isGiven)
  @IsBoolean()
  is_active?: boolean;

  /** How many seconds it may take to begin its answer, and be silent within one. @example 60 */
  @ValidateIf(isGiven)
  @IsInt()
  @Min(1)
  @Max(300)
  timeout?: number;

  static propertiesOf(body: UpstreamChanges): Partial<UpstreamProperties> {
    const { name, provider, base_url: baseUrl, timeout: timeoutSeconds, is_default: isDefault, is_active } = body;
    return { name, provider, baseUrl, timeoutSeconds, isDefault, isActive: is_active };
  }

  static credentialOf(body: UpstreamChanges): OfferedCredential | null {
    return offeredBy(body);
  }
}

function offeredBy({ api_key, api_key_id }: UpstreamChanges): OfferedCredential | null {
  if (api_key !== undefined && api_key_id !== undefined) {
    throw new Unprocessable({ field: 'api_key_id', message: 'Give an api_key or an api_key_id, not both.' });
  }
  if (api_key !== undefined) return { secret: api_key };
  return api_key_id === undefined ? null : { apiKeyId: api_key_id };
}

/** An upstream, without its key. */
export class ListedUpstream {
  /** Its number: what client keys are granted. @example 1 */
  id!: number;

  /** What clients name in `X-Upstream-Name`. @example "openrouter" */
  name!: string;

  /** Who runs it. @example "openrouter" */
  provider!: string;

  /** Where its API begins. @example "https://openrouter.ai/api/v1" */
  base_url!: string;

  /** What may be shown of its key; null where a registered key is used. @example "sk-***cdef" */
  api_key_masked!: string | null;

  /** The registered OpenRouter key whose secret is used; null where it has one of its own. @example 3 */
  @ApiProperty({ type: 'integer', nullable: true })
  api_key_id!: number | null;

  /** Whether it serves requests that name no upstream. @example true */
  is_default!: boolean;

  /** Whether it is switched on. @example true */
  is_active!: boolean;

  /** How many seconds it may take to begin its answer, and be silent within one. @example 60 */
  timeout!: number;

  /** When it was added. @example "2026-06-15T12:00:00.000Z" */
  created_at!: string;

  /** When it was last changed. @example "2026-06-15T12:00:00.000Z" */
  updated_at!: string;

  static of(upstream: RegisteredUpstream): ListedUpstream {
    const { id, name, provider, baseUrl, secretMask, apiKeyId, isDefault, isActive, timeoutSeconds } = upstream;
    return {
      id,
      name,
      provider,
      base_url: baseUrl,
      api_key_masked: secretMask,
      api_key_id: apiKeyId,
      is_default: isDefault,
      is_active: isActive,
      timeout: timeoutSeconds,
      created_at: upstream.createdAt.toISOString(),
      updated_at: upstream.updatedAt.toISOString(),
    };
  }
}

/** All upstreams. */
export class UpstreamList {
  /** In the order in which they were added. */
  items!: ListedUpstream[];

  /** How many there are. @example 1 */
  total!: number;

  static of(upstreams: RegisteredUpstream[]): UpstreamList {
    return { items: upstreams.map(ListedUpstream.of), total: upstreams.length };
  }
}

import { Injectable } from '@nestjs/common';
import { ApiKeyRepository } from '../../api-keys/api-key.repository.js';
import { Config } from '../../shared/config.js';
import { View } from '../answers/view.js';
import type { Fields } from '../forms/fields.js';
import type { Problems } from '../forms/problems.js';
import { KeysContent } from './keys-content.js';

export const KEY_FORMS = ['rename', 'replace', 'delete'] as const;
export type KeyForm = (typeof KEY_FORMS)[number];

/** What of the list is open, and what was wrong with what was sent. */
export interface ListingState {
  /** `add`, or a form of one key. */
  open: { form: 'add' } | { form: KeyForm; id: number } | null;
  /** Those of the open form; where none is open, they are told above the list. */
  problems: Problems | null;
  fields: Fields;
}

/** Draws the list of somebody's keys, whatever they are about to do with it. */
@Injectable()
export class KeyListing {
  constructor(
    private readonly keys: ApiKeyRepository,
    private readonly config: Config,
  ) {}

  async view(userId: number, state: ListingState): Promise<View> {
    const keys = await this.keys.listOf(userId);
    const content = <KeysContent keys={keys} most={this.config.MAX_API_KEYS_PER_USER} state={state} />;
    const { problems } = state;
    return new View({
      title: 'Keys',
      section: 'keys',
      content,
      status: problems?.status,
      retryAfter: problems?.retryAfter,
    });
  }
}

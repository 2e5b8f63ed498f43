import { Body, Get, Post, Query } from '@nestjs/common';
import { NewApiKey } from '../../api-keys/api-key.dto.js';
import { AddKey } from '../../api-keys/keeping/add-key.use-case.js';
import { CurrentUser } from '../../shared/http/decorators.js';
import type { Principal } from '../../shared/principal.js';
import { Page } from '../answers/page.decorator.js';
import { SeeOther, type View } from '../answers/view.js';
import { type Fields, readForm, textOf } from '../forms/fields.js';
import { problemsOf } from '../forms/problems.js';
import { KEY_FORMS, KeyListing, type ListingState } from './key-listing.js';

const FIELDS = ['name', 'key'] as const;

@Page('keys')
export class KeysPage {
  constructor(
    private readonly listing: KeyListing,
    private readonly addKey: AddKey,
  ) {}

  /** Which form is open stands in the address: `?rename=12`. */
  @Get()
  list(@CurrentUser() { id }: Principal, @Query() fields: Fields): Promise<View> {
    return this.listing.view(id, { open: openIn(fields), problems: null, fields: {} });
  }

  @Get('new')
  begin(@CurrentUser() { id }: Principal): Promise<View> {
    return this.listing.view(id, { open: { form: 'add' }, problems: null, fields: {} });
  }

  @Post()
  async add(@CurrentUser() user: Principal, @Body() fields: Fields): Promise<View | SeeOther> {
    try {
      const { name, key } = await readForm(NewApiKey, fields, FIELDS);
      const added = await this.addKey.execute(user.id, name, key);
      if (added.kind === 'management') return new SeeOther('/keys', 'key_added_management');
      return new SeeOther('/keys', added.status === 'unverified' ? 'key_unverified' : 'key_added');
    } catch (error) {
      const problems = problemsOf(error, FIELDS, { key_already_registered: 'key' });
      return this.listing.view(user.id, { open: { form: 'add' }, problems, fields: { name: textOf(fields, 'name') } });
    }
  }
}

function openIn(fields: Fields): ListingState['open'] {
  const form = KEY_FORMS.find((each) => /^[1-9]\d{0,9}$/.test(textOf(fields, each)));
  return form ? { form, id: Number(textOf(fields, form)) } : null;
}

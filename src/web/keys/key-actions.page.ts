import { Body, Post } from '@nestjs/common';
import { ApiKeyChanges } from '../../api-keys/api-key.dto.js';
import { ValidateKey } from '../../api-keys/checking/validate-key.use-case.js';
import { ChangeKey } from '../../api-keys/keeping/change-key.use-case.js';
import { RemoveKey } from '../../api-keys/keeping/remove-key.use-case.js';
import { CurrentUser } from '../../shared/http/decorators.js';
import { Id } from '../../shared/http/fields/id.param.js';
import type { Principal } from '../../shared/principal.js';
import { Page } from '../answers/page.decorator.js';
import { SeeOther, type View } from '../answers/view.js';
import { type Fields, readForm, textOf } from '../forms/fields.js';
import { problemsOf } from '../forms/problems.js';
import { type KeyForm, KeyListing } from './key-listing.js';

/** What its owner does with one key. */
@Page('keys/:id')
export class KeyActionsPage {
  constructor(
    private readonly listing: KeyListing,
    private readonly changeKey: ChangeKey,
    private readonly removeKey: RemoveKey,
    private readonly validateKey: ValidateKey,
  ) {}

  @Post('rename')
  async rename(
    @CurrentUser() user: Principal,
    @Id('key') id: number,
    @Body() fields: Fields,
  ): Promise<View | SeeOther> {
    try {
      const { name } = await readForm(ApiKeyChanges, { name: textOf(fields, 'name') }, ['name']);
      await this.changeKey.execute(user.id, id, { name });
      return new SeeOther('/keys', 'key_renamed');
    } catch (error) {
      return this.again(user.id, { form: 'rename', id }, error, { name: textOf(fields, 'name') });
    }
  }

  @Post('replace')
  async replace(
    @CurrentUser() user: Principal,
    @Id('key') id: number,
    @Body() fields: Fields,
  ): Promise<View | SeeOther> {
    try {
      const { key } = await readForm(ApiKeyChanges, { key: textOf(fields, 'key') }, ['key']);
      await this.changeKey.execute(user.id, id, { pasted: key });
      return new SeeOther('/keys', 'key_replaced');
    } catch (error) {
      return this.again(user.id, { form: 'replace', id }, error);
    }
  }

  @Post('pause')
  async pause(@CurrentUser() user: Principal, @Id('key') id: number): Promise<SeeOther> {
    await this.changeKey.execute(user.id, id, { isSwitchedOn: false });
    return new SeeOther('/keys', 'key_paused');
  }

  @Post('resume')
  async resume(@CurrentUser() user: Principal, @Id('key') id: number): Promise<SeeOther> {
    await this.changeKey.execute(user.id, id, { isSwitchedOn: true });
    return new SeeOther('/keys', 'key_resumed');
  }

  @Post('delete')
  async remove(@CurrentUser() user: Principal, @Id('key') id: number): Promise<SeeOther> {
    await this.removeKey.execute(user.id, id);
    return new SeeOther('/keys', 'key_deleted');
  }

  @Post('check')
  async check(@CurrentUser() user: Principal, @Id('key') id: number): Promise<View | SeeOther> {
    try {
      const key = await this.validateKey.execute(user.id, id);
      return new SeeOther('/keys', key.unreachableSince ? 'key_unreachable' : 'key_checked');
    } catch (error) {
      return this.again(user.id, null, error);
    }
  }

  private again(userId: number, open: { form: KeyForm; id: number } | null, error: unknown, fields: Fields = {}) {
    const problems = problemsOf(error, open ? ['name', 'key'] : [], { key_already_registered: 'key' });
    return this.listing.view(userId, { open, problems, fields });
  }
}

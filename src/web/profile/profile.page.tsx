import { Body, Get, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DeleteAccount } from '../../auth/accounts/delete-account.use-case.js';
import { Farewell, NewPassword } from '../../auth/auth.dto.js';
import { ChangePassword } from '../../auth/passwords/change-password.use-case.js';
import { CurrentClient } from '../../auth/sessions/client.param.js';
import { LogOutEverywhere } from '../../auth/sessions/log-out-everywhere.use-case.js';
import type { Client } from '../../auth/sessions/session.entity.js';
import { Unprocessable } from '../../shared/errors.js';
import { CurrentUser } from '../../shared/http/decorators.js';
import type { Principal } from '../../shared/principal.js';
import { Page } from '../answers/page.decorator.js';
import { SeeOther, View } from '../answers/view.js';
import { type Fields, readForm } from '../forms/fields.js';
import { type Problems, problemsOf } from '../forms/problems.js';
import { PageHead } from '../parts/page-head.js';
import { SessionCookie } from '../session/session-cookie.js';
import { AccountCard } from './account-card.js';
import { DeletionCard } from './deletion-card.js';
import { PASSWORD_FIELDS, PasswordCard } from './password-card.js';
import { type ProfileFacts, ProfileDesk } from './profile-desk.js';
import { SessionsCard } from './sessions-card.js';

const OTHER_PASSWORD = { field: 'password_again', message: 'The two passwords differ. Type the same one twice.' };

/** What was wrong with the one form or the other. */
interface Trouble {
  password?: Problems;
  deletion?: Problems;
}

@Page('profile')
export class ProfilePage {
  constructor(
    private readonly desk: ProfileDesk,
    private readonly changePassword: ChangePassword,
    private readonly logOutEverywhere: LogOutEverywhere,
    private readonly deleteAccount: DeleteAccount,
    private readonly cookie: SessionCookie,
  ) {}

  @Get()
  show(@CurrentUser() person: Principal): Promise<View> {
    return this.view(person, {});
  }

  @Post('password')
  async change(
    @CurrentUser() person: Principal,
    @Body() fields: Fields,
    @CurrentClient() { ip }: Client,
  ): Promise<View | SeeOther> {
    try {
      const entry = await readForm(NewPassword, fields, ['current_password', 'new_password']);
      if (fields.password_again !== entry.new_password) throw new Unprocessable(OTHER_PASSWORD);
      const change = { current: entry.current_password, wanted: entry.new_password };
      await this.changePassword.execute(person, change, ip);
      return new SeeOther('/profile', 'password_changed');
    } catch (error) {
      return this.view(person, {
        password: problemsOf(error, PASSWORD_FIELDS, { wrong_password: 'current_password' }),
      });
    }
  }

  @Post('sessions/end')
  async endSessions(
    @CurrentUser() person: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SeeOther> {
    await this.logOutEverywhere.execute(person);
    this.cookie.clear(reply);
    return new SeeOther('/login', 'logged_out_everywhere');
  }

  @Post('delete')
  async remove(
    @CurrentUser() person: Principal,
    @Body() fields: Fields,
    @CurrentClient() { ip }: Client,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<View | SeeOther> {
    try {
      const { password } = await readForm(Farewell, fields, ['password']);
      await this.deleteAccount.execute(person, password, ip);
      this.cookie.clear(reply);
      return new SeeOther('/login', 'account_deleted');
    } catch (error) {
      return this.view(person, { deletion: problemsOf(error, ['password'], { wrong_password: 'password' }) });
    }
  }

  private async view(person: Principal, trouble: Trouble): Promise<View> {
    const content = <Profile person={person} {...await this.desk.factsOf(person.id)} {...trouble} />;
    const { status, retryAfter } = trouble.password ?? trouble.deletion ?? {};
    return new View({ title: 'Profile', section: 'profile', content, status, retryAfter });
  }
}

function Profile({ person, sessions, losses, password, deletion }: ProfileFacts & Trouble & { person: Principal }) {
  return (
    <>
      <PageHead title="Profile" lead="Your account, and where you are logged in." />
      <div class="columns">
        <div>
          <AccountCard person={person} />
          <PasswordCard person={person} problems={password} />
        </div>
        <div>
          <SessionsCard person={person} sessions={sessions} />
          <DeletionCard losses={losses} problems={deletion} />
        </div>
      </div>
    </>
  );
}

import { Get, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { LogOut } from '../../auth/sessions/log-out.use-case.js';
import { CurrentUser } from '../../shared/http/decorators.js';
import type { Principal } from '../../shared/principal.js';
import { Page } from '../answers/page.decorator.js';
import { SeeOther, View } from '../answers/view.js';
import { Form } from '../forms/form.js';
import { SessionCookie } from '../session/session-cookie.js';
import { Gate } from './gate.js';

@Page('logout')
export class LogOutPage {
  constructor(
    private readonly logOut: LogOut,
    private readonly cookie: SessionCookie,
  ) {}

  /** A link alone logs nobody out: any site could hold one. */
  @Get()
  ask(@CurrentUser() { email }: Principal): View {
    return new View({ title: 'Log out', content: <Question email={email} /> });
  }

  @Post()
  async leave(@CurrentUser() person: Principal, @Res({ passthrough: true }) reply: FastifyReply): Promise<SeeOther> {
    await this.logOut.execute(person);
    this.cookie.clear(reply);
    return new SeeOther('/login', 'logged_out');
  }
}

function Question({ email }: { email: string }) {
  return (
    <Gate title="Log out?" lead={`You are logged in as ${email}.`}>
      <Form
        action="/logout"
        submit="Log out"
        isWholePage
        aside={
          <a href="/dashboard" role="button" class="secondary">
            Stay
          </a>
        }
      />
    </Gate>
  );
}

import { Body, Get, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Registration } from '../../auth/auth.dto.js';
import { CurrentClient } from '../../auth/sessions/client.param.js';
import { LogIn } from '../../auth/sessions/log-in.use-case.js';
import { RegisterUser } from '../../auth/accounts/register-user.use-case.js';
import { RegistrationDoor } from '../../auth/accounts/registration-door.js';
import { RegistrationGuard } from '../../auth/accounts/registration.guard.js';
import { RegistrationClosed } from '../../auth/accounts/user.entity.js';
import type { Client } from '../../auth/sessions/session.entity.js';
import { Unprocessable } from '../../shared/errors.js';
import { Open } from '../../shared/http/decorators.js';
import { Page } from '../answers/page.decorator.js';
import { SeeOther, View } from '../answers/view.js';
import { Field } from '../forms/field.js';
import { type Fields, readForm, textOf } from '../forms/fields.js';
import { Form } from '../forms/form.js';
import { type Problems, problemsOf } from '../forms/problems.js';
import { nextAddress } from '../session/next-address.js';
import { SessionCookie } from '../session/session-cookie.js';
import { Gate } from './gate.js';
import { StrengthGuard } from './strength.guard.js';
import { StrengthMeter, WEIGHED } from './strength-meter.js';

const FIELDS = ['email', 'password', 'password_again'] as const;

@Page('register')
export class RegisterPage {
  constructor(
    private readonly registerUser: RegisterUser,
    private readonly logIn: LogIn,
    private readonly cookie: SessionCookie,
    private readonly registration: RegistrationDoor,
  ) {}

  @Get()
  @Open()
  async show(@Query() fields: Fields, @Req() { principal }: FastifyRequest): Promise<View | SeeOther> {
    if (principal) return new SeeOther(nextAddress(fields.next));
    if (!(await this.registration.isOpen())) throw new RegistrationClosed();
    return form(fields, null);
  }

  @Post()
  @Open()
  @UseGuards(RegistrationGuard)
  async register(
    @Body() fields: Fields,
    @CurrentClient() client: Client,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<View | SeeOther> {
    try {
      const { email, password } = await readForm(Registration, fields, ['email', 'password']);
      if (fields.password_again !== password) throw new Unprocessable(OTHER_PASSWORD);
      await this.registerUser.execute(email, password);
      this.cookie.set(reply, await this.logIn.execute(email, password, client));
      const next = nextAddress(fields.next);
      return new SeeOther(next === '/' ? '/keys' : next, 'registered');
    } catch (error) {
      return form(fields, problemsOf(error, FIELDS, { email_taken: 'email' }));
    }
  }

  /** Tells how strong a password is while it is typed; keeps nothing of it. */
  @Post('strength')
  @Open()
  @UseGuards(StrengthGuard)
  strength(@Body() fields: Fields): View {
    const password = textOf(fields, 'password') || textOf(fields, 'new_password');
    const meter = <StrengthMeter password={password} email={textOf(fields, 'email')} />;
    return new View({ title: 'Register', content: meter });
  }
}

const OTHER_PASSWORD = { field: 'password_again', message: 'The two passwords differ. Type the same one twice.' };

function form(fields: Fields, problems: Problems | null): View {
  const content = <RegistrationForm fields={fields} problems={problems} />;
  return new View({ title: 'Register', content, status: problems?.status, retryAfter: problems?.retryAfter });
}

function RegistrationForm({ fields, problems }: { fields: Fields; problems: Problems | null }) {
  const next = nextAddress(fields.next);
  const query = next === '/' ? '' : `?next=${encodeURIComponent(next)}`;
  return (
    <Gate title="Make an account" lead="Your keys are stored encrypted. Nobody sees what they spend but you.">
      <Form action="/register" submit="Make the account" problems={problems} buttonClass="wide" isWholePage>
        <input type="hidden" name="next" value={next} />
        <Field
          name="email"
          label="E-mail address"
          type="email"
          autocomplete="username"
          required
          autofocus
          value={textOf(fields, 'email')}
          problems={problems}
        />
        <Field
          name="password"
          label="Password"
          type="password"
          autocomplete="new-password"
          required
          minLength={8}
          hint="8 characters or more; 15 or more is wise. Four words that do not belong together are good."
          problems={problems}
          {...WEIGHED}
        >
          <StrengthMeter password="" email="" />
        </Field>
        <Field
          name="password_again"
          label="The same password again"
          type="password"
          autocomplete="new-password"
          required
          problems={problems}
        />
      </Form>
      <p class="gate-foot">
        Have an account already? <a href={`/login${query}`}>Log in</a>
      </p>
    </Gate>
  );
}

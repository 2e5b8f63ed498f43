import { Body, Get, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RegistrationDoor } from '../../auth/accounts/registration-door.js';
import { Credentials } from '../../auth/auth.dto.js';
import { CurrentClient } from '../../auth/sessions/client.param.js';
import { LogIn } from '../../auth/sessions/log-in.use-case.js';
import type { Client } from '../../auth/sessions/session.entity.js';
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

const FIELDS = ['email', 'password'] as const;

@Page('login')
export class LogInPage {
  constructor(
    private readonly logIn: LogIn,
    private readonly cookie: SessionCookie,
    private readonly registration: RegistrationDoor,
  ) {}

  @Get()
  @Open()
  async show(@Query() fields: Fields, @Req() { principal }: FastifyRequest): Promise<View | SeeOther> {
    if (principal) return new SeeOther(nextAddress(fields.next));
    return this.form(fields, null);
  }

  /** Whoever comes in gets a new cookie, whatever cookie they came with. */
  @Post()
  @Open()
  async enter(
    @Body() fields: Fields,
    @CurrentClient() client: Client,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<View | SeeOther> {
    try {
      const { email, password } = await readForm(Credentials, fields, FIELDS);
      this.cookie.set(reply, await this.logIn.execute(email, password, client));
      return new SeeOther(nextAddress(fields.next));
    } catch (error) {
      return this.form(fields, problemsOf(error, FIELDS));
    }
  }

  private async form(fields: Fields, problems: Problems | null): Promise<View> {
    const mayRegister = await this.registration.isOpen();
    const content = <LogInForm fields={fields} problems={problems} mayRegister={mayRegister} />;
    return new View({ title: 'Log in', content, status: problems?.status, retryAfter: problems?.retryAfter });
  }
}

interface LogInFormProps {
  fields: Fields;
  problems: Problems | null;
  mayRegister: boolean;
}

function LogInForm({ fields, problems, mayRegister }: LogInFormProps) {
  const next = nextAddress(fields.next);
  const query = next === '/' ? '' : `?next=${encodeURIComponent(next)}`;
  return (
    <Gate title="Log in" lead="Welcome back. See what your OpenRouter keys spend.">
      <Form action="/login" submit="Log in" problems={problems} buttonClass="wide" isWholePage>
        <input type="hidden" name="next" value={next} />
        <Field
          name="email"
          label="E-mail address"
          type="email"
          autocomplete="username"
          required
          autofocus={!textOf(fields, 'email')}
          value={textOf(fields, 'email')}
          problems={problems}
        />
        <Field
          name="password"
          label="Password"
          type="password"
          autocomplete="current-password"
          required
          autofocus={Boolean(textOf(fields, 'email'))}
          problems={problems}
        />
      </Form>
      {mayRegister && (
        <p class="gate-foot">
          New here? <a href={`/register${query}`}>Make an account</a>
        </p>
      )}
    </Gate>
  );
}

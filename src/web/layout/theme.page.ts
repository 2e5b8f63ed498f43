import { Body, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Open } from '../../shared/http/decorators.js';
import { Page } from '../answers/page.decorator.js';
import { SeeOther } from '../answers/view.js';
import type { Fields } from '../forms/fields.js';
import { nextAddress } from '../session/next-address.js';
import { THEME_COOKIE, themeOf } from './theme.js';

const YEAR_SECONDS = 31_536_000;

/** Remembers in a cookie whether somebody wants the pages light or dark. */
@Page()
export class ThemePage {
  @Post('theme')
  @Open()
  choose(@Body() { theme, next }: Fields, @Res({ passthrough: true }) reply: FastifyReply): SeeOther {
    const chosen = themeOf({ [THEME_COOKIE]: String(theme) });
    reply.setCookie(THEME_COOKIE, chosen, { path: '/', sameSite: 'lax', httpOnly: true, maxAge: YEAR_SECONDS });
    return new SeeOther(typeof next === 'string' && isLogIn(next) ? next : nextAddress(next));
  }
}

/** The pages before the log-in have the switch too, and nobody should lose their place there. */
function isLogIn(path: string): boolean {
  return /^\/(login|register)(\?[\w=%&.~-]*)?$/.test(path);
}

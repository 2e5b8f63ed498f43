import { Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Open } from '../../shared/http/decorators.js';
import { Page } from '../answers/page.decorator.js';
import { SeeOther } from '../answers/view.js';

/** The start: the dashboard for whoever is logged in, the log-in page for everybody else. */
@Page()
export class HomePage {
  @Get()
  @Open()
  start(@Req() { principal }: FastifyRequest): SeeOther {
    return new SeeOther(principal ? '/dashboard' : '/login');
  }
}

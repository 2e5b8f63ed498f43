import { applyDecorators, Controller, SetMetadata, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { OTHER_GUARD } from '../../shared/http/decorators.js';
import { ADMINS_ONLY, PageGuard } from '../session/page.guard.js';
import { PageAnswers } from './page-answers.interceptor.js';

/** A class of routes that answer with pages: guarded by the session cookie, drawn in the layout, not in OpenAPI. */
export const Page = (path = '') =>
  applyDecorators(
    Controller(path),
    ApiExcludeController(),
    SetMetadata(OTHER_GUARD, true),
    UseGuards(PageGuard),
    UseInterceptors(PageAnswers),
  );

/** Only admins may open this page; for everybody else it is closed with a 403. */
export const AdminsOnly = () => SetMetadata(ADMINS_ONLY, true);

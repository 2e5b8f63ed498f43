import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { HomePage } from './account/home.page.js';
import { LogInPage } from './account/log-in.page.js';
import { LogOutPage } from './account/log-out.page.js';
import { RegisterPage } from './account/register.page.js';
import { PagePress } from './answers/page-press.js';
import { DashboardPage } from './dashboard/dashboard.page.js';
import { ThemePage } from './layout/theme.page.js';
import { FormToken } from './session/form-token.js';
import { SessionCookie } from './session/session-cookie.js';

/** The pages that people open: one line per page. They call what the JSON API calls. */
@Module({
  imports: [ApiKeysModule, JobsModule, UsageModule],
  controllers: [HomePage, LogInPage, RegisterPage, LogOutPage, ThemePage, DashboardPage],
  providers: [FormToken, PagePress, SessionCookie],
  exports: [PagePress],
})
export class WebModule {}

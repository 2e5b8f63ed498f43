import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { HomePage } from './account/home.page.js';
import { LogInPage } from './account/log-in.page.js';
import { LogOutPage } from './account/log-out.page.js';
import { RegisterPage } from './account/register.page.js';
import { PagePress } from './answers/page-press.js';
import { DashboardPage } from './dashboard/dashboard.page.js';
import { KeyActionsPage } from './keys/key-actions.page.js';
import { KeyListing } from './keys/key-listing.js';
import { KeysPage } from './keys/keys.page.js';
import { ThemePage } from './layout/theme.page.js';
import { NotificationsPage } from './notifications/notifications.page.js';
import { Belongings } from './profile/belongings.js';
import { ProfileDesk } from './profile/profile-desk.js';
import { ProfilePage } from './profile/profile.page.js';
import { FormToken } from './session/form-token.js';
import { OnceShown } from './session/once-shown.js';
import { SessionCookie } from './session/session-cookie.js';
import { StatsPage } from './stats/stats.page.js';
import { TokensPage } from './tokens/tokens.page.js';

/** The pages that people open: one line per page. They call what the JSON API calls. */
@Module({
  imports: [ApiKeysModule, JobsModule, TokensModule, UsageModule],
  controllers: [
    HomePage,
    LogInPage,
    RegisterPage,
    LogOutPage,
    ThemePage,
    DashboardPage,
    KeysPage,
    KeyActionsPage,
    StatsPage,
    NotificationsPage,
    ProfilePage,
    TokensPage,
  ],
  providers: [Belongings, FormToken, KeyListing, OnceShown, PagePress, ProfileDesk, SessionCookie],
  exports: [PagePress],
})
export class WebModule {}

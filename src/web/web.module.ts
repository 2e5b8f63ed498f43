import { Module } from '@nestjs/common';
import { ApiKeysModule } from '../api-keys/api-keys.module.js';
import { GatewayModule } from '../gateway/gateway.module.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { TokensModule } from '../tokens/tokens.module.js';
import { UsageModule } from '../usage/usage.module.js';
import { HomePage } from './account/home.page.js';
import { LogInPage } from './account/log-in.page.js';
import { LogOutPage } from './account/log-out.page.js';
import { RegisterPage } from './account/register.page.js';
import { PagePress } from './answers/page-press.js';
import { CallsPage } from './console/calls/calls.page.js';
import { ClientKeyPage } from './console/client-keys/client-key.page.js';
import { ClientKeysPage } from './console/client-keys/client-keys.page.js';
import { NewClientKeyPage } from './console/client-keys/new-client-key.page.js';
import { JobsPage } from './console/tasks/jobs.page.js';
import { UpstreamsPage } from './console/upstreams/upstreams.page.js';
import { DashboardPage } from './dashboard/dashboard.page.js';
import { KeyActionsPage } from './keys/key-actions.page.js';
import { KeyListing } from './keys/key-listing.js';
import { KeysPage } from './keys/keys.page.js';
import { ThemePage } from './layout/theme.page.js';
import { NotificationsPage } from './news/notifications.page.js';
import { Belongings } from './profile/belongings.js';
import { ProfileDesk } from './profile/profile-desk.js';
import { ProfilePage } from './profile/profile.page.js';
import { FormToken } from './session/form-token.js';
import { OnceShown } from './session/once-shown.js';
import { SessionCookie } from './session/session-cookie.js';
import { StatsPage } from './stats/stats.page.js';
import { TokensPage } from './api-tokens/tokens.page.js';

/** For admins alone. */
const CONSOLE = [UpstreamsPage, ClientKeysPage, NewClientKeyPage, ClientKeyPage, CallsPage, JobsPage];

/** The pages that people open: one line per page. They call what the JSON API calls. */
@Module({
  imports: [ApiKeysModule, GatewayModule, JobsModule, TokensModule, UsageModule],
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
    ...CONSOLE,
  ],
  providers: [Belongings, FormToken, KeyListing, OnceShown, PagePress, ProfileDesk, SessionCookie],
  exports: [PagePress],
})
export class WebModule {}

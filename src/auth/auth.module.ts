import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { AdminGuard } from './admin/admin.guard.js';
import { AuthController } from './auth.controller.js';
import { AuthenticateSession } from './sessions/authenticate-session.use-case.js';
import { ChangePassword } from './passwords/change-password.use-case.js';
import { CheckPassword } from './passwords/check-password.use-case.js';
import { DeleteAccount } from './accounts/delete-account.use-case.js';
import { Departures } from './accounts/departures.js';
import { ForgetOldSessions } from './sessions/forget-old-sessions.use-case.js';
import { JwtGuard } from './sessions/jwt.guard.js';
import { LogIn } from './sessions/log-in.use-case.js';
import { LogOutEverywhere } from './sessions/log-out-everywhere.use-case.js';
import { LogOut } from './sessions/log-out.use-case.js';
import { LoginThrottle } from './passwords/login-throttle.js';
import { OpenSession } from './sessions/open-session.use-case.js';
import { PasswordQueue } from './passwords/password-queue.js';
import { PromoteUser } from './accounts/promote-user.use-case.js';
import { RegisterUser } from './accounts/register-user.use-case.js';
import { RegistrationDoor } from './accounts/registration-door.js';
import { MikroSessionRepository } from './sessions/session.repository.mikro.js';
import { SessionRepository } from './sessions/session.repository.js';
import { SessionTokens } from './sessions/session-token.js';
import { MikroUserRepository } from './accounts/user.repository.mikro.js';
import { UserRepository } from './accounts/user.repository.js';

const FOR_OTHERS = [
  AdminGuard,
  AuthenticateSession,
  ChangePassword,
  DeleteAccount,
  Departures,
  ForgetOldSessions,
  LogIn,
  LogOut,
  LogOutEverywhere,
  PromoteUser,
  RegisterUser,
  RegistrationDoor,
];

/** Who may come in: accounts, sessions, and the guards that ask for them. Global, because every module has doors. */
@Global()
@Module({
  imports: [JwtModule.register({})],
  controllers: [AuthController],
  providers: [
    ...FOR_OTHERS,
    CheckPassword,
    LoginThrottle,
    OpenSession,
    PasswordQueue,
    SessionTokens,
    { provide: APP_GUARD, useClass: JwtGuard },
    { provide: SessionRepository, useClass: MikroSessionRepository },
    { provide: UserRepository, useClass: MikroUserRepository },
  ],
  exports: [...FOR_OTHERS, SessionRepository, UserRepository],
})
export class AuthModule {}

import { Global, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import { AdminGuard } from './admin.guard.js';
import { AuthController } from './auth.controller.js';
import { AuthenticateSession } from './authenticate-session.use-case.js';
import { ChangePassword } from './change-password.use-case.js';
import { CheckPassword } from './check-password.use-case.js';
import { DeleteAccount } from './delete-account.use-case.js';
import { ForgetOldSessions } from './forget-old-sessions.use-case.js';
import { JwtGuard } from './jwt.guard.js';
import { LogIn } from './log-in.use-case.js';
import { LogOut } from './log-out.use-case.js';
import { LoginThrottle } from './login-throttle.js';
import { OpenSession } from './open-session.use-case.js';
import { PasswordQueue } from './password-queue.js';
import { PromoteUser } from './promote-user.use-case.js';
import { RegisterUser } from './register-user.use-case.js';
import { MikroSessionRepository } from './session.repository.mikro.js';
import { SessionRepository } from './session.repository.js';
import { SessionTokens } from './session-token.js';
import { MikroUserRepository } from './user.repository.mikro.js';
import { UserRepository } from './user.repository.js';

const FOR_OTHERS = [
  AdminGuard,
  AuthenticateSession,
  ChangePassword,
  DeleteAccount,
  ForgetOldSessions,
  LogIn,
  LogOut,
  PromoteUser,
  RegisterUser,
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

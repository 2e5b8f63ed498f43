import { Body, Controller, Delete, Get, Header, HttpCode, Post, Put, UseGuards } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { CurrentUser, Open } from '../shared/http/decorators.js';
import { Refuses } from '../shared/http/refuses.js';
import type { Principal } from '../shared/principal.js';
import { AccessToken, Credentials, Farewell, Me, NewPassword, Registered, Registration } from './auth.dto.js';
import { ChangePassword } from './passwords/change-password.use-case.js';
import { CurrentClient } from './sessions/client.param.js';
import { DeleteAccount } from './accounts/delete-account.use-case.js';
import { LogIn } from './sessions/log-in.use-case.js';
import { LogOut } from './sessions/log-out.use-case.js';
import { RegisterUser } from './accounts/register-user.use-case.js';
import { RegistrationGuard } from './accounts/registration.guard.js';
import type { Client } from './sessions/session.entity.js';

@ApiTags('Accounts')
@Controller('api/auth')
export class AuthController {
  constructor(
    private readonly registerUser: RegisterUser,
    private readonly logIn: LogIn,
    private readonly logOut: LogOut,
    private readonly changePassword: ChangePassword,
    private readonly deleteAccount: DeleteAccount,
  ) {}

  /** Makes an account. The first one is the admin's. */
  @Post('register')
  @Open()
  @UseGuards(RegistrationGuard)
  @ApiCreatedResponse({ type: Registered })
  @Refuses(400, 403, 413, 415, 422, 429, 503)
  async register(@Body() { email, password }: Registration): Promise<Registered> {
    return Registered.of(await this.registerUser.execute(email, password));
  }

  /** Gives you an access token for your e-mail address and password. */
  @Post('login')
  @Open()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOkResponse({ type: AccessToken })
  @Refuses(400, 401, 413, 415, 422, 429, 503)
  async login(@Body() { email, password }: Credentials, @CurrentClient() client: Client): Promise<AccessToken> {
    return AccessToken.of(await this.logIn.execute(email, password, client));
  }

  /** Ends this session: its access token is dead at once. */
  @Post('logout')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'You are logged out.' })
  @Refuses(401, 422)
  logout(@CurrentUser() person: Principal): Promise<void> {
    return this.logOut.execute(person);
  }

  /** Tells who you are. */
  @Get('me')
  @ApiOkResponse({ type: Me })
  @Refuses(401, 422)
  me(@CurrentUser() person: Principal): Me {
    return Me.of(person);
  }

  /** Changes your password and ends all your other sessions. */
  @Put('password')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The new password is good from now on.' })
  @Refuses(400, 401, 413, 415, 422, 429, 503)
  change(
    @CurrentUser() person: Principal,
    @Body() { current_password: current, new_password: wanted }: NewPassword,
    @CurrentClient() { ip }: Client,
  ): Promise<void> {
    return this.changePassword.execute(person, { current, wanted }, ip);
  }

  /** Deletes your account and everything in it, for good. */
  @Delete('me')
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'Everything of yours is gone.' })
  @Refuses(400, 401, 413, 415, 422, 429, 503)
  remove(
    @CurrentUser() person: Principal,
    @Body() { password }: Farewell,
    @CurrentClient() { ip }: Client,
  ): Promise<void> {
    return this.deleteAccount.execute(person, password, ip);
  }
}

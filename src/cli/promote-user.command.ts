import { PromoteUser } from '../auth/accounts/promote-user.use-case.js';
import type { Command } from './command.js';

export const promoteUser: Command = {
  name: 'users:promote',
  parameters: ['email'],
  summary: 'Make a person an admin.',
  async run(context, email) {
    const user = await (await context.part(PromoteUser)).execute(email!);
    return `${user.email} is an admin now.`;
  },
};

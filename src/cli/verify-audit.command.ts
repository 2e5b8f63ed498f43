import { VerifyAudit } from '../audit/verify-audit.use-case.js';
import { type Command, CommandFailed } from './command.js';

export const verifyAudit: Command = {
  name: 'audit:verify',
  parameters: [],
  summary: 'Tell whether anybody has changed the audit trail.',
  async run(context) {
    const { intact, brokenAt, hash } = await (await context.part(VerifyAudit)).execute();
    if (brokenAt !== null) {
      throw new CommandFailed(`The audit trail was changed: entry ${brokenAt} is not what was written.`);
    }
    return `The audit trail is as it was written: ${intact} entries, the last with hash ${hash}.`;
  },
};

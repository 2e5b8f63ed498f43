import { Global, Module } from '@nestjs/common';
import { AuditLog } from '../shared/audit.port.js';
import { AuditTrail } from './audit-trail.repository.js';
import { MikroAuditTrail } from './audit-trail.repository.mikro.js';
import { MikroAuditLog } from './audit.mikro.js';
import { VerifyAudit } from './verify-audit.use-case.js';

/** The record of what people did: written by every module, changed by none. */
@Global()
@Module({
  providers: [
    VerifyAudit,
    { provide: AuditLog, useClass: MikroAuditLog },
    { provide: AuditTrail, useClass: MikroAuditTrail },
  ],
  exports: [AuditLog, VerifyAudit],
})
export class AuditModule {}

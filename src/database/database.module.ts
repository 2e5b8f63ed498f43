import { EntityManager } from '@mikro-orm/core';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { SqlEntityManager } from '@mikro-orm/sql';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Config } from '../shared/config.js';
import { Clearance } from '../shared/clearance.port.js';
import { UnitOfWork } from '../shared/unit-of-work.port.js';
import { MikroClearance } from './clearance.mikro.js';
import { databaseOptions } from './mikro-orm.config.js';
import { MikroUnitOfWork } from './unit-of-work.mikro.js';

/** The database, as the rest of the service sees it: an entity manager, units of work and the clearance. */
@Global()
@Module({})
export class DatabaseModule {
  static with(config: Config): DynamicModule {
    return {
      module: DatabaseModule,
      // Each request's own context is opened in app.ts, where the request begins.
      imports: [MikroOrmModule.forRoot({ ...databaseOptions(config.DATABASE_URL), registerRequestContext: false })],
      providers: [
        { provide: SqlEntityManager, useExisting: EntityManager },
        { provide: UnitOfWork, useClass: MikroUnitOfWork },
        { provide: Clearance, useClass: MikroClearance },
      ],
      exports: [SqlEntityManager, UnitOfWork, Clearance],
    };
  }
}

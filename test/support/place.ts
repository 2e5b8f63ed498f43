import { UnitOfWork } from '../../src/shared/unit-of-work.port.js';
import { MemoryUnitOfWork } from '../fakes/unit-of-work.memory.ts';
import { startApp, type TestApp } from './app.ts';
import { newPerson } from './people.ts';
import { DIALECTS } from './services.ts';

/** Where the contract of a repository is kept: by its fake, and by its adapter in the whole app on each database. */
export const PLACES = ['memory', ...DIALECTS] as const;
export type PlaceName = (typeof PLACES)[number];

/** One of these places, with as many people in it as a spec asks for. */
export class Place implements AsyncDisposable {
  readonly unitOfWork: UnitOfWork;
  private people = 0;

  private constructor(private readonly app?: TestApp) {
    this.unitOfWork = app?.nest.get(UnitOfWork, { strict: false }) ?? new MemoryUnitOfWork();
  }

  static async open(name: PlaceName): Promise<Place> {
    return new Place(name === 'memory' ? undefined : await startApp({ dialect: name }));
  }

  /** What keeps the contract of a port here; in memory a new one each time. */
  keeper<T>(port: abstract new () => T, inMemory: new () => T): T {
    return this.app?.nest.get<T>(port, { strict: false }) ?? new inMemory();
  }

  /** The id of somebody who owns nothing yet. */
  async newUser(): Promise<number> {
    this.people++;
    return this.app ? (await newPerson(this.app, `person-${this.people}@example.org`)).id : this.people;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app?.[Symbol.asyncDispose]();
  }
}

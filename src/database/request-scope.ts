import { AsyncLocalStorage } from 'node:async_hooks';
import { type EntityManager, RequestContext } from '@mikro-orm/core';

/** The entity manager of one request, made when the request first needs it: most that are refused never do. */
class RequestScope {
  /** Null while it is being made: MikroORM asks for it then, too. */
  private own: EntityManager | null | undefined;

  constructor(private readonly shared: EntityManager) {}

  get em(): EntityManager | undefined {
    if (this.own === undefined) {
      this.own = null;
      this.own = this.shared.fork({ useContext: true, disableContextResolution: true });
    }
    return this.own ?? undefined;
  }
}

const scopes = new AsyncLocalStorage<RequestScope>();

/** Gives whatever `next` does for a request an identity map of its own. */
export function inRequestScope(shared: EntityManager, next: () => void): void {
  scopes.run(new RequestScope(shared), next);
}

/** For MikroORM, which asks at every step whose entity manager is meant. */
export function currentEntityManager(name: string): EntityManager | undefined {
  return scopes.getStore()?.em ?? RequestContext.getEntityManager(name);
}

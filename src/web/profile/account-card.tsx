import type { Principal } from '../../shared/principal.js';
import { Instant } from '../parts/time.js';

/** Who a person is to this service. */
export function AccountCard({ person }: { person: Principal }) {
  return (
    <section class="card">
      <h2>Account</h2>
      <dl class="facts">
        <dt>E-mail address</dt>
        <dd>{person.email}</dd>
        <dt>Role</dt>
        <dd>{person.role === 'admin' ? 'Admin: the gateway console is open to you' : 'User'}</dd>
        <dt>Since</dt>
        <dd>
          <Instant at={person.createdAt} />
        </dd>
      </dl>
    </section>
  );
}

import type { Session } from '../../auth/sessions/session.entity.js';
import type { Principal } from '../../shared/principal.js';
import { Confirm } from '../parts/confirm.js';
import { Ago } from '../parts/time.js';
import { deviceOf } from './device.js';

/** Where a person is logged in, and the way out of all of it. */
export function SessionsCard({ person, sessions }: { person: Principal; sessions: Session[] }) {
  return (
    <section class="card">
      <div class="card-head">
        <h2>Where you are logged in</h2>
        <Confirm
          id="everywhere"
          verb="Log out"
          subject="everywhere"
          isSubjectShown
          icon="logout"
          action="/profile/sessions/end"
        >
          <p>Every session ends at once, this one too. API tokens go on working.</p>
        </Confirm>
      </div>
      <div class="scroll">
        <table class="cards">
          <thead>
            <tr>
              <th scope="col">Device</th>
              <th scope="col">Address</th>
              <th scope="col">Logged in</th>
              <th scope="col">Ends</th>
            </tr>
          </thead>
          <tbody>
            {sessions.map((session) => (
              <tr key={session.id}>
                <th scope="row" title={session.userAgent}>
                  {deviceOf(session.userAgent)}{' '}
                  {session.id === person.sessionId && <span class="badge good">this one</span>}
                </th>
                <td data-label="Address" class="figure">
                  {session.ip}
                </td>
                <td data-label="Logged in">
                  <Ago at={session.createdAt} />
                </td>
                <td data-label="Ends">
                  <Ago at={session.expiresAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

import type { Notification } from '../../notifications/notification.entity.js';
import type { NotificationKind } from '../../shared/news.js';
import { Form, LIVE } from '../forms/form.js';
import { useScene } from '../layout/scene.js';
import { Empty } from '../parts/empty.js';
import { Icon, type IconName } from '../parts/icon.js';
import { PageHead } from '../parts/page-head.js';
import { Pager, type PagerProps } from '../parts/pager.js';
import { Ago } from '../parts/time.js';

interface NotificationListProps {
  items: Notification[];
  isUnreadOnly: boolean;
  pages: PagerProps;
}

/** What happened to a person's keys, newest first. */
export function NotificationList({ items, isUnreadOnly, pages }: NotificationListProps) {
  const { unread } = useScene();
  return (
    <>
      <PageHead title="Notifications" lead="What happened to your keys, and what to do about it.">
        {unread > 0 && (
          <Form action="/notifications/read" submit="Mark all as read" buttonClass="secondary" label="All of them" />
        )}
      </PageHead>
      <section class="card" aria-label="Notifications">
        <ul class="segments">
          <li>
            <a href="/notifications" aria-current={isUnreadOnly ? undefined : 'true'} {...LIVE}>
              All
            </a>
          </li>
          <li>
            <a href="/notifications?unread=true" aria-current={isUnreadOnly ? 'true' : undefined} {...LIVE}>
              Unread{unread > 0 && ` (${unread})`}
            </a>
          </li>
        </ul>
        {items.length === 0 ? (
          <Empty icon="bell" title={isUnreadOnly ? 'Nothing unread' : 'Nothing has happened yet'}>
            <p>
              You are told here when a key stops working, expires soon, reaches its limit or cannot be checked for a
              day.
              {isUnreadOnly || ' Your keys are checked every night.'}
            </p>
          </Empty>
        ) : (
          <ul class="news">
            {items.map((item) => (
              <NewsItem key={item.id} item={item} />
            ))}
          </ul>
        )}
        <Pager {...pages} />
      </section>
    </>
  );
}

function NewsItem({ item }: { item: Notification }) {
  const { icon, tone } = FACES[item.kind];
  return (
    <li class={item.readAt ? 'news-item' : 'news-item unread'}>
      <span class={`news-icon ${tone}`}>
        <Icon name={icon} />
      </span>
      <div class="news-text">
        <p>
          {!item.readAt && <span class="sr-only">Unread: </span>}
          {item.message}
        </p>
        <p class="muted">
          <Ago at={item.createdAt} />
          {item.apiKeyId !== null && (
            <>
              {' · '}
              <a href="/keys">See the key</a>
            </>
          )}
        </p>
      </div>
      {!item.readAt && (
        <Form
          action={`/notifications/${item.id}/read`}
          submit="Mark as read"
          buttonClass="secondary small"
          label={item.message.slice(0, 60)}
        />
      )}
    </li>
  );
}

const FACES: Readonly<Record<NotificationKind, { icon: IconName; tone: 'bad' | 'warn' | 'calm' }>> = {
  key_invalid: { icon: 'ban', tone: 'bad' },
  key_expired: { icon: 'hourglass', tone: 'bad' },
  key_expiring: { icon: 'clock', tone: 'warn' },
  key_limit_reached: { icon: 'wallet', tone: 'warn' },
  key_unreachable: { icon: 'help-circle', tone: 'calm' },
  key_blocked: { icon: 'lock', tone: 'bad' },
};

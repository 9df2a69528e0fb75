import { useEffect } from 'preact/hooks';
import { greet } from './gateway/call.ts';
import { access, credentials, isUnreachable, version } from './gateway/session.ts';
import { Apis } from './pages/apis.tsx';
import { Connections } from './pages/connections.tsx';
import { Failures } from './pages/failures.tsx';
import { Gateway } from './pages/gateway.tsx';
import { Overview } from './pages/overview.tsx';
import { SignIn } from './pages/sign-in.tsx';
import { Trace } from './pages/trace.tsx';
import { TryIt } from './pages/try-it.tsx';
import { place, to } from './router.ts';
import { Gate, Icon } from './ui/icons.tsx';
import { Empty } from './ui/parts.tsx';
import { Said } from './ui/said.tsx';
import { ThemeSwitch } from './ui/theme.tsx';

const pages = {
  overview: { title: 'Overview', View: Overview },
  trace: { title: 'Live trace', View: Trace },
  connections: { title: 'Connections', View: Connections },
  apis: { title: 'APIs', View: Apis },
  try: { title: 'Try it', View: TryIt },
  failures: { title: 'Failures', View: Failures },
  gateway: { title: 'Gateway', View: Gateway },
} as const;

const RETRY_MILLIS = 3000;

export function App() {
  useEffect(() => {
    void greet();
    const timer = setInterval(() => {
      if (access.value === 'unknown' || isUnreachable.value) void greet();
    }, RETRY_MILLIS);
    return () => clearInterval(timer);
  }, []);
  if (access.value === 'signIn') return <SignIn />;
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={skip}>
        Skip to the page
      </button>
      <Side />
      <div>
        {isUnreachable.value && (
          <p class="lost" role="alert">
            The gateway at {location.host} does not answer. Trying again …
          </p>
        )}
        <main class="main" id="content" tabIndex={-1}>
          <Page />
        </main>
      </div>
      <Said />
    </div>
  );
}

/** The hash belongs to the pages, so this is no link. */
function skip(): void {
  document.getElementById('content')?.focus();
}

function Page() {
  const { page } = place.value;
  const known = pages[page as keyof typeof pages];
  useEffect(() => {
    document.title = known ? `${known.title} · Postern` : 'Postern';
    // On a phone the names do not fit beside one another.
    const current = document.querySelector('.nav [aria-current]');
    current?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [known]);
  if (access.value === 'unknown') return null;
  if (known) return <known.View />;
  return (
    <Empty title="There is no such page">
      <a href={to(['overview'])}>Overview</a>
    </Empty>
  );
}

function Side() {
  const { page } = place.value;
  const about = version.value;
  return (
    <header class="side">
      <a class="brand" href={to(['overview'])}>
        <Gate />
        Postern
      </a>
      <nav class="nav" aria-label="Pages">
        {Object.entries(pages).map(([name, { title }]) => (
          <a key={name} href={to([name])} aria-current={page === name ? 'page' : undefined}>
            <Icon name={name} />
            {title}
          </a>
        ))}
      </nav>
      <div class="side-foot">
        {about && (
          <span class="about">
            {about.version} · {about.mode} · {about.region}
          </span>
        )}
        {credentials.value && (
          <button type="button" class="button quiet" onClick={signOut}>
            Sign out
          </button>
        )}
        <ThemeSwitch />
      </div>
    </header>
  );
}

function signOut(): void {
  credentials.value = undefined;
  version.value = undefined;
  access.value = 'signIn';
}

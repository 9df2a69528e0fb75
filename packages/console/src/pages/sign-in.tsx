import { useState } from 'preact/hooks';
import { greet } from '../gateway/call.ts';
import { type Credentials, credentials } from '../gateway/session.ts';
import { canSign } from '../gateway/sigv4.ts';
import { Gate } from '../ui/icons.tsx';
import { Tabs, TextField } from '../ui/parts.tsx';

const WAYS = ['Access key', 'Token'] as const;
const UNKNOWN_TOKEN =
  'The gateway knows no such token. It must be one of the tokens of a user in postern.yaml.';
const UNKNOWN_KEY =
  'The gateway does not accept this key. Check the access key id, the secret, and that this ' +
  'computer’s clock is right to five minutes.';

/** As typed: what may be left out is empty. */
const NO_KEY = { accessKeyId: '', secretAccessKey: '', sessionToken: '', region: 'us-east-1' };

type TypedKey = typeof NO_KEY;

function credentialsOf({ sessionToken, ...key }: TypedKey): Credentials {
  return { kind: 'key', key: { ...key, ...(sessionToken && { sessionToken }) } };
}

/** The gateway wants to know who asks. What is typed here stays in this page's memory. */
export function SignIn() {
  const [way, setWay] = useState<(typeof WAYS)[number]>(canSign() ? 'Access key' : 'Token');
  const [key, setKey] = useState(NO_KEY);
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);

  const enter = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    credentials.value = way === 'Token' ? { kind: 'token', token } : credentialsOf(key);
    const isIn = await greet();
    setBusy(false);
    if (isIn) return;
    credentials.value = undefined;
    setProblem(way === 'Token' ? UNKNOWN_TOKEN : UNKNOWN_KEY);
  };

  return (
    <main class="sign-in">
      <form class="panel" onSubmit={enter}>
        <div class="body stack">
          <div class="row">
            <span class="gate">
              <Gate />
            </span>
            <div>
              <h1>Postern</h1>
              <p class="dim">{location.host}</p>
            </div>
          </div>
          <p>
            This gateway checks who asks. Sign in as a user of its <code>postern.yaml</code>.
          </p>
          <Tabs
            label="How to sign in"
            names={WAYS}
            selected={way}
            onSelect={(name) => setWay(name)}
          />
          {way === 'Token' ? (
            <TextField label="Token" type="password" value={token} onInput={setToken} />
          ) : (
            <KeyFields
              value={key}
              change={(part) => setKey((before) => ({ ...before, ...part }))}
            />
          )}
          {way === 'Access key' && !canSign() && (
            <p class="note warn">
              Browsers sign only on pages that came over https, or from this computer. Open the
              console that way, or use a token.
            </p>
          )}
          {problem && (
            <p class="note bad" role="alert">
              {problem}
            </p>
          )}
          <button type="submit" class="button primary" disabled={isBusy}>
            {isBusy ? 'Signing in …' : 'Sign in'}
          </button>
          <p class="small dim">
            {way === 'Token'
              ? 'The token is sent with each call and kept in this page’s memory only.'
              : 'The secret signs each call and never leaves this page. A reload forgets it.'}
          </p>
        </div>
      </form>
    </main>
  );
}

interface KeyFieldsProps {
  readonly value: TypedKey;
  /** Of one field: a password manager fills several before the page is drawn again. */
  change(part: Partial<TypedKey>): void;
}

function KeyFields({ value, change }: KeyFieldsProps) {
  const set = (name: keyof TypedKey) => (text: string) => change({ [name]: text });
  return (
    <>
      <TextField
        label="Access key id"
        value={value.accessKeyId}
        placeholder="AKIA…"
        autocomplete="username"
        onInput={set('accessKeyId')}
      />
      <TextField
        label="Secret access key"
        type="password"
        value={value.secretAccessKey}
        onInput={set('secretAccessKey')}
      />
      <details>
        <summary>Session token, region</summary>
        <div class="stack tight">
          <TextField
            label="Session token"
            type="password"
            value={value.sessionToken}
            onInput={set('sessionToken')}
          />
          <TextField label="Region" value={value.region} onInput={set('region')} />
        </div>
      </details>
    </>
  );
}

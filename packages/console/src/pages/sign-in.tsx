import { useState } from 'preact/hooks';
import { greet } from '../gateway/call.ts';
import { type Credentials, credentials } from '../gateway/session.ts';
import { canSign } from '../gateway/sigv4.ts';
import { Gate } from '../ui/icons.tsx';
import { Tabs, TextField } from '../ui/parts.tsx';

const WAYS = ['Access key', 'Token'] as const;

/** The gateway wants to know who asks. What is typed here stays in this page's memory. */
export function SignIn() {
  const [way, setWay] = useState<(typeof WAYS)[number]>(canSign() ? 'Access key' : 'Token');
  const [accessKeyId, setAccessKeyId] = useState('');
  const [secretAccessKey, setSecret] = useState('');
  const [sessionToken, setSessionToken] = useState('');
  const [region, setRegion] = useState('us-east-1');
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState('');
  const [isBusy, setBusy] = useState(false);

  const enter = async (event: Event) => {
    event.preventDefault();
    const key = { accessKeyId, secretAccessKey, region, ...(sessionToken && { sessionToken }) };
    const who: Credentials = way === 'Token' ? { kind: 'token', token } : { kind: 'key', key };
    setBusy(true);
    credentials.value = who;
    const isIn = await greet();
    setBusy(false);
    if (isIn) return;
    credentials.value = undefined;
    setProblem(
      way === 'Token'
        ? 'The gateway knows no such token. It must be one of the tokens of a user in postern.yaml.'
        : 'The gateway does not accept this key. Check the access key id, the secret, and that this ' +
            'computer’s clock is right to five minutes.',
    );
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
            <>
              <TextField
                label="Access key id"
                value={accessKeyId}
                placeholder="AKIA…"
                autocomplete="username"
                onInput={setAccessKeyId}
              />
              <TextField
                label="Secret access key"
                type="password"
                value={secretAccessKey}
                onInput={setSecret}
              />
              <details>
                <summary>Session token, region</summary>
                <div class="stack tight">
                  <TextField
                    label="Session token"
                    type="password"
                    value={sessionToken}
                    onInput={setSessionToken}
                  />
                  <TextField label="Region" value={region} onInput={setRegion} />
                </div>
              </details>
            </>
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

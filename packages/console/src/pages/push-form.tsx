import { useState } from 'preact/hooks';
import { CallError, call } from '../gateway/call.ts';
import { isDev, publicUrl, version } from '../gateway/session.ts';
import { Code, pretty } from '../ui/code.tsx';
import { Field, Problem, Tabs } from '../ui/parts.tsx';
import { say } from '../ui/said.tsx';
import { type PushLanguage, pushLanguages, pushSample } from '../words/push-samples.ts';

export interface PushFormProps {
  readonly apiId: string;
  readonly stage: string;
  readonly connectionId: string;
  readonly initialText?: string;
}

/** A push by hand, and how a backend would make the same one. */
export function PushForm({ apiId, stage, connectionId, initialText }: PushFormProps) {
  const [text, setText] = useState(initialText ?? '{"type":"test","text":"hello"}');
  const [language, setLanguage] = useState<PushLanguage>('curl');
  const [problem, setProblem] = useState<CallError>();
  const [isBusy, setBusy] = useState(false);
  const push = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const path = `/@api/connections/${encodeURIComponent(connectionId)}/messages`;
      const { bytes } = await call<{ bytes: number }>(path, { method: 'POST', body: text });
      say(`Sent: ${bytes} bytes.`);
    } catch (error) {
      if (error instanceof CallError) setProblem(error);
    }
    setBusy(false);
  };
  const sample = pushSample(language, {
    endpoint: `${publicUrl.value}/${apiId}/${stage}`,
    connectionId: connectionId || 'CONNECTION_ID',
    text,
    region: version.value?.region ?? 'us-east-1',
    isDev: isDev.value,
  });
  return (
    <form class="stack" onSubmit={push}>
      <Field label="Message">
        {(id) => (
          <textarea
            id={id}
            class="input"
            value={text}
            spellcheck={false}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        )}
      </Field>
      <div class="row">
        <button type="submit" class="button primary" disabled={isBusy || connectionId === ''}>
          {isBusy ? 'Pushing …' : 'Push'}
        </button>
        <button type="button" class="button quiet" onClick={() => setText(pretty(text))}>
          Format JSON
        </button>
      </div>
      {problem && <Problem error={problem} />}
      <div class="stack tight">
        <Tabs
          label="The same from a backend"
          names={pushLanguages}
          selected={language}
          onSelect={(name) => setLanguage(name)}
        />
        <Code text={sample} isShort />
      </div>
    </form>
  );
}

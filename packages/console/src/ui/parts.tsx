import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { CallError } from '../gateway/call.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'plain';

const withTone = (name: string, tone: Tone) => (tone === 'plain' ? name : `${name} ${tone}`);

export function Badge(props: { tone?: Tone; title?: string; children: ComponentChildren }) {
  const { tone = 'plain', title, children } = props;
  return (
    <span class={withTone('badge', tone)} title={title}>
      {children}
    </span>
  );
}

export function Dot({ tone = 'plain' }: { tone?: Tone }) {
  return <span class={withTone('dot', tone)} aria-hidden="true" />;
}

export interface FieldProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly children: (id: string) => ComponentChildren;
}

export function Field({ label, hint, children }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <span>
        <label for={id}>{label}</label>
      </span>
      {children(id)}
      {hint && <small>{hint}</small>}
    </div>
  );
}

export interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly type?: 'text' | 'search' | 'password';
  readonly autocomplete?: string;
  onInput(value: string): void;
}

/** One line of text, with its label. */
export function TextField(props: TextProps) {
  const { label, hint, value, placeholder, type = 'text', onInput } = props;
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <input
          id={id}
          class="input"
          type={type as 'text'}
          value={value}
          placeholder={placeholder}
          autocomplete={(props.autocomplete ?? 'off') as 'off'}
          spellcheck={false}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
      )}
    </Field>
  );
}

export interface SelectProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly hint?: string;
  onChange(value: string): void;
}

export function SelectField({ label, value, options, hint, onChange }: SelectProps) {
  return (
    <Field label={label} hint={hint}>
      {(id) => (
        <select
          id={id}
          class="input"
          value={value}
          onChange={(event) => onChange(event.currentTarget.value)}
        >
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function Check(props: {
  label: string;
  checked: boolean;
  onChange(checked: boolean): void;
}) {
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={(event) => props.onChange(event.currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}

export function Facts({ of }: { of: readonly (readonly [string, ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {of
        .filter(([, value]) => value !== undefined && value !== '')
        .map(([name, value]) => [<dt key={`${name}:`}>{name}</dt>, <dd key={name}>{value}</dd>])}
    </dl>
  );
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

export function Loading({ what }: { what: string }) {
  return (
    <div role="status" class="stack tight">
      <span class="dim">{what}</span>
      <div class="bar" aria-hidden="true" />
    </div>
  );
}

const ADVICE: Readonly<Record<string, string>> = {
  AccessDeniedException:
    'Add the action to a policy of this user in postern.yaml and restart the gateway.',
  Unreachable: 'This page tries again by itself.',
  GoneException: 'The client has left. Reload the list.',
  ConflictException: 'Somebody else changed it meanwhile. Reload and try again.',
};

/** What went wrong, and what to do about it. */
export function Problem({ error, retry }: { error: CallError; retry?: () => void }) {
  const advice = ADVICE[error.type];
  return (
    <div class="note bad" role="alert">
      <p>{error.message}</p>
      {advice && <p class="small">{advice}</p>}
      {retry && (
        <p>
          <button type="button" class="button" onClick={retry}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}

export function Tabs<Name extends string>(props: {
  label: string;
  names: readonly Name[];
  selected: Name;
  onSelect(name: Name): void;
}) {
  const { label, names, selected, onSelect } = props;
  const move = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    const next = names[(names.indexOf(selected) + step + names.length) % names.length]!;
    onSelect(next);
    const list = event.currentTarget as HTMLElement;
    list.querySelectorAll<HTMLElement>('[role=tab]')[names.indexOf(next)]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {names.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          aria-selected={name === selected}
          tabIndex={name === selected ? 0 : -1}
          onClick={() => onSelect(name)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

import { useState } from 'preact/hooks';
import type { ApiParts } from '../gateway/apis.ts';
import { CallError, call } from '../gateway/call.ts';
import type { Integration, Route } from '../gateway/types.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Check, Facts, Problem, SelectField, TextField } from '../ui/parts.tsx';
import { say } from '../ui/said.tsx';
import { backendDifferences, isMissingConnectionId } from '../words/differences.ts';
import { integrationOf } from '../words/flow.ts';

export interface RouteDialogProps {
  readonly parts: ApiParts;
  /** `new` for one that is to be made. */
  readonly routeId: string;
  onClose(): void;
  changed(): Promise<void>;
}

const NEW = 'new';
const HEADER = 'integration.request.header.connectionId';

/** A route and the integration it leads to. Nothing reaches clients before the next deployment. */
export function RouteDialog({ parts, routeId, onClose, changed }: RouteDialogProps) {
  const route = parts.routes.find((one) => one.routeId === routeId);
  const integration = route && integrationOf(route, parts.integrations);
  const form = useForm(route, integration);
  const [problem, setProblem] = useState<CallError>();
  const [isBusy, setBusy] = useState(false);
  const { routeKey, target } = form.values;
  const attempt = async (act: () => Promise<string>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      const done = await act();
      await changed();
      say(done);
      onClose();
    } catch (error) {
      setProblem(error instanceof CallError ? error : new CallError(-1, 'Bug', String(error)));
    }
    setBusy(false);
  };
  const save = (event: Event) => {
    event.preventDefault();
    void attempt(async () => {
      await saveRoute(parts, route, integration, form.values);
      return `${routeKey} is saved. Deploy it for clients to see it.`;
    });
  };
  const remove = () =>
    attempt(async () => {
      await call(`${base(parts)}/routes/${routeId}`, { method: 'DELETE' });
      return `${route?.routeKey} is removed. Deploy for clients to notice.`;
    });
  return (
    <Dialog
      isAside
      title={route ? <code>{route.routeKey}</code> : 'A new route'}
      onClose={onClose}
      footer={
        <>
          {route && (
            <button type="button" class="button danger" disabled={isBusy} onClick={remove}>
              Remove the route
            </button>
          )}
          <button type="submit" form="route" class="button primary push" disabled={isBusy}>
            {isBusy ? 'Saving …' : 'Save'}
          </button>
        </>
      }
    >
      <form id="route" class="stack" onSubmit={save}>
        {problem && <Problem error={problem} />}
        <TextField
          label="Route key"
          value={routeKey}
          placeholder="sendMessage, or $default"
          hint={`Chosen by ${parts.api.routeSelectionExpression}`}
          onInput={(text) => form.set({ routeKey: text })}
        />
        <IntegrationChoice form={form} parts={parts} />
        {target !== '' && <IntegrationFields form={form} parts={parts} />}
        <Check
          label="Replies: what the backend answers goes back to the client"
          checked={form.values.isTwoWay}
          onChange={(isTwoWay) => form.set({ isTwoWay })}
        />
        {route && <RouteFacts route={route} parts={parts} />}
      </form>
    </Dialog>
  );
}

function IntegrationChoice({ form, parts: { integrations } }: { form: Form; parts: ApiParts }) {
  const made = integrations.map(
    ({ integrationId: id, integrationType, integrationUri = id }) =>
      [id, `${integrationType} ${integrationUri}`] as const,
  );
  return (
    <SelectField
      label="Integration"
      value={form.values.target}
      options={[['', 'none'], ...made, [NEW, 'a new HTTP_PROXY integration']]}
      onChange={(id) => form.choose(id, integrations)}
    />
  );
}

function IntegrationFields({ form, parts }: { form: Form; parts: ApiParts }) {
  const { values } = form;
  const chosen = parts.integrations.find(({ integrationId }) => integrationId === values.target);
  const type = chosen?.integrationType ?? 'HTTP_PROXY';
  const shared = parts.routes.filter(({ target }) => target === `integrations/${values.target}`);
  const notes = backendDifferences(values.uri);
  return (
    <>
      {shared.length > 1 && (
        <p class="note">
          {shared.length} routes share this integration; a change is for all of them:{' '}
          {shared.map(({ routeKey }) => routeKey).join(', ')}.
        </p>
      )}
      {type !== 'MOCK' && (
        <TextField
          label={type.startsWith('HTTP') ? 'Backend URL' : 'URI'}
          value={values.uri}
          placeholder="http://127.0.0.1:3000/ws/message"
          onInput={(uri) => form.set({ uri })}
        />
      )}
      {type !== 'MOCK' && (
        <div class="filters">
          <TextField
            label="Method"
            value={values.method}
            onInput={(method) => form.set({ method: method.toUpperCase() })}
          />
          <TextField
            label="Timeout, ms"
            value={values.timeout}
            hint="50 to 29000"
            onInput={(timeout) => form.set({ timeout })}
          />
        </div>
      )}
      {notes.map((note) => (
        <p key={note} class="note">
          <b>Differs from AWS.</b> {note}
        </p>
      ))}
      <Parameters form={form} />
      {chosen &&
        isMissingConnectionId(chosen) &&
        !values.parameters.some(([k]) => k === HEADER) && (
          <div class="note warn">
            <p>
              The backend does not learn the connectionId: it cannot push to whoever spoke, and
              answers “connectionId header missing”.
            </p>
            <p>
              <button
                type="button"
                class="button"
                onClick={() =>
                  form.set({ parameters: [...values.parameters, [HEADER, 'context.connectionId']] })
                }
              >
                Map the connectionId header
              </button>
            </p>
          </div>
        )}
    </>
  );
}

function Parameters({ form }: { form: Form }) {
  const { parameters } = form.values;
  const change = (at: number, pair: readonly [string, string]) =>
    form.set({ parameters: parameters.map((one, index) => (index === at ? pair : one)) });
  return (
    <fieldset class="stack tight plain">
      <legend class="legend">Request parameters: what the backend is told beside the body</legend>
      {parameters.map(([name, value], index) => (
        <div class="pair" key={index}>
          <input
            class="input mono"
            aria-label={`Parameter ${index + 1}`}
            value={name}
            placeholder={HEADER}
            spellcheck={false}
            onInput={(event) => change(index, [event.currentTarget.value, value])}
          />
          <input
            class="input mono"
            aria-label={`Value of parameter ${index + 1}`}
            value={value}
            placeholder="context.connectionId"
            spellcheck={false}
            onInput={(event) => change(index, [name, event.currentTarget.value])}
          />
          <button
            type="button"
            class="button quiet"
            aria-label={`Remove parameter ${index + 1}`}
            onClick={() => form.set({ parameters: parameters.filter((_, at) => at !== index) })}
          >
            ×
          </button>
        </div>
      ))}
      <div>
        <button
          type="button"
          class="button quiet"
          onClick={() => form.set({ parameters: [...parameters, ['', '']] })}
        >
          Add a parameter
        </button>
      </div>
    </fieldset>
  );
}

function RouteFacts({ route, parts }: { route: Route; parts: ApiParts }) {
  const authorizer = parts.authorizers.find((one) => one.authorizerId === route.authorizerId);
  return (
    <Facts
      of={[
        ['Authorization', authorizer ? authorizer.name : (route.authorizationType ?? 'NONE')],
        ['API key', route.apiKeyRequired ? 'required' : 'not asked for'],
        ['Model', route.modelSelectionExpression],
        ['Route id', <code>{route.routeId}</code>],
      ]}
    />
  );
}

interface Values {
  readonly routeKey: string;
  /** Id of the integration, `new`, or nothing. */
  readonly target: string;
  readonly uri: string;
  readonly method: string;
  readonly timeout: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly isTwoWay: boolean;
}

interface Form {
  readonly values: Values;
  set(values: Partial<Values>): void;
  choose(integrationId: string, all: readonly Integration[]): void;
}

function useForm(route: Route | undefined, integration: Integration | undefined): Form {
  const [values, setValues] = useState<Values>(() => ({
    routeKey: route?.routeKey ?? '',
    isTwoWay: Boolean(route?.routeResponseSelectionExpression),
    ...integrationValues(integration, route ? '' : NEW),
  }));
  const set = (changed: Partial<Values>) => setValues((now) => ({ ...now, ...changed }));
  return {
    values,
    set,
    choose: (id, all) =>
      set(
        integrationValues(
          all.find(({ integrationId }) => integrationId === id),
          id,
        ),
      ),
  };
}

function integrationValues(one: Integration | undefined, id: string) {
  return {
    target: one?.integrationId ?? id,
    uri: one?.integrationUri ?? '',
    method: one?.integrationMethod ?? 'POST',
    timeout: String(one?.timeoutInMillis ?? 29_000),
    parameters: one
      ? Object.entries(one.requestParameters ?? {})
      : ([[HEADER, 'context.connectionId']] as [string, string][]),
  };
}

const base = ({ api }: ApiParts) => `/v2/apis/${encodeURIComponent(api.apiId)}`;

async function saveRoute(
  parts: ApiParts,
  route: Route | undefined,
  before: Integration | undefined,
  values: Values,
): Promise<void> {
  const integrationId = await saveIntegration(parts, before, values);
  const body = {
    routeKey: values.routeKey,
    target: integrationId === '' ? '' : `integrations/${integrationId}`,
    routeResponseSelectionExpression: values.isTwoWay ? '$default' : '',
  };
  const path = `${base(parts)}/routes`;
  if (!route) {
    const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== ''));
    const { routeId } = await call<Route>(path, { method: 'POST', body: given });
    if (values.isTwoWay) await addReply(`${path}/${routeId}`);
    return;
  }
  await call(`${path}/${route.routeId}`, { method: 'PATCH', body });
  if (values.isTwoWay && !route.routeResponseSelectionExpression) {
    await addReply(`${path}/${route.routeId}`);
  }
}

/** A two-way route has a route response; AWS has but this one key. */
async function addReply(path: string): Promise<void> {
  const { items } = await call<{ items: unknown[] }>(`${path}/routeresponses`);
  if (items.length > 0) return;
  await call(`${path}/routeresponses`, {
    method: 'POST',
    body: { routeResponseKey: '$default' },
  });
}

async function saveIntegration(
  parts: ApiParts,
  before: Integration | undefined,
  values: Values,
): Promise<string> {
  if (values.target === '') return '';
  const chosen =
    parts.integrations.find(({ integrationId }) => integrationId === values.target) ?? before;
  const wanted = Object.fromEntries(values.parameters.filter(([name]) => name !== ''));
  const path = `${base(parts)}/integrations`;
  const type = chosen?.integrationType ?? 'HTTP_PROXY';
  const called = type !== 'MOCK' && {
    integrationUri: values.uri,
    integrationMethod: values.method,
    timeoutInMillis: Number(values.timeout),
  };
  if (values.target === NEW) {
    const body = { integrationType: 'HTTP_PROXY', ...called, requestParameters: wanted };
    return (await call<Integration>(path, { method: 'POST', body })).integrationId;
  }
  // A parameter that is left out would stay: an empty one goes.
  const gone = Object.keys(chosen?.requestParameters ?? {}).filter((name) => !(name in wanted));
  const requestParameters = { ...wanted, ...Object.fromEntries(gone.map((name) => [name, ''])) };
  await call(`${path}/${values.target}`, {
    method: 'PATCH',
    body: { ...called, requestParameters },
  });
  return values.target;
}

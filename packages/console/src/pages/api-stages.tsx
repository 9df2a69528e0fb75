import { useState } from 'preact/hooks';
import { CallError, call } from '../gateway/call.ts';
import { socketUrl } from '../gateway/session.ts';
import type { Api, ResourceChange, Stage, StageChanges } from '../gateway/types.ts';
import { useQuery } from '../gateway/use-query.ts';
import { to } from '../router.ts';
import { Copy } from '../ui/code.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { Badge, Empty, Loading, Problem } from '../ui/parts.tsx';
import { say } from '../ui/said.tsx';
import { stageDifferences } from '../words/differences.ts';
import { counted } from '../words/numbers.ts';
import { dateTime } from '../words/time.ts';

export interface StagesProps {
  readonly api: Api;
  readonly stages: readonly Stage[];
  readonly edits: number;
  changed(): Promise<void>;
}

export function Stages({ api, stages, edits, changed }: StagesProps) {
  if (stages.length === 0) {
    return (
      <section class="panel">
        <Empty title="No stage yet">
          <p>Clients connect to a stage. Make one and deploy to it:</p>
          <code>aws apigatewayv2 create-stage --api-id {api.apiId} --stage-name production</code>
        </Empty>
      </section>
    );
  }
  return (
    <section class="stack" aria-label="Stages">
      {stages.map((stage) => (
        <StagePanel key={stage.stageName} {...{ api, stage, edits, changed }} />
      ))}
    </section>
  );
}

function StagePanel(props: Omit<StagesProps, 'stages'> & { stage: Stage }) {
  const { api, stage, edits, changed } = props;
  const { stageName } = stage;
  const path = `/@api/apis/${api.apiId}/stages/${encodeURIComponent(stageName)}/changes`;
  const key = `${path} ${edits} ${stage.deploymentId}`;
  const { data, error, reload } = useQuery(key, () => call<StageChanges>(path), 10_000);
  const [isReviewing, setReviewing] = useState(false);
  const url = `${socketUrl.value}/${api.apiId}/${stageName}`;
  const differences = stageDifferences(stage);
  return (
    <article class="panel">
      <header>
        <h2>{stageName}</h2>
        {stage.autoDeploy && <Badge tone="accent">deploys by itself</Badge>}
        <code class="dim cut">{url}</code>
        <Copy text={url} />
        <a class="button push" href={to(['connections'], { apiId: api.apiId, stage: stageName })}>
          Connections
        </a>
      </header>
      <div class="body stack tight">
        {error && <Problem error={error} retry={reload} />}
        <div class="row wrap spread">
          <p>
            {stage.deploymentId ? (
              <>
                Serves deployment <code>{stage.deploymentId}</code>
                {data?.deployedAt && `, of ${dateTime(data.deployedAt)}`}
              </>
            ) : (
              'Not deployed: nobody can connect.'
            )}
          </p>
          {data && (
            <button
              type="button"
              class={data.items.length > 0 ? 'button primary' : 'button'}
              disabled={data.items.length === 0}
              onClick={() => setReviewing(true)}
            >
              {data.items.length === 0
                ? 'Everything is deployed'
                : `Review ${counted(data.items.length, 'change')} and deploy`}
            </button>
          )}
        </div>
        {differences.length > 0 && (
          <div class="note">
            <p>
              <b>Differs from AWS</b>
            </p>
            <ul>
              {differences.map((text) => (
                <li key={text}>{text}</li>
              ))}
            </ul>
          </div>
        )}
      </div>
      {isReviewing && data && (
        <Review
          apiId={api.apiId}
          changes={data}
          onClose={() => setReviewing(false)}
          deployed={changed}
        />
      )}
    </article>
  );
}

interface ReviewProps {
  readonly apiId: string;
  readonly changes: StageChanges;
  onClose(): void;
  deployed(): Promise<void>;
}

/** What the deployment will change, before it happens. */
function Review({ apiId, changes, onClose, deployed }: ReviewProps) {
  const [problem, setProblem] = useState<CallError>();
  const [isBusy, setBusy] = useState(false);
  const { stage, items } = changes;
  const deploy = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const body = { stageName: stage };
      await call(`/v2/apis/${apiId}/deployments`, { method: 'POST', body });
      say(`Deployed to ${stage}. Open connections follow with their next message.`);
      await deployed();
      onClose();
    } catch (error) {
      if (error instanceof CallError) setProblem(error);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`Deploy to ${stage}`}
      onClose={onClose}
      footer={
        <>
          <button type="button" class="button" onClick={onClose}>
            Not now
          </button>
          <button type="button" class="button primary" disabled={isBusy} onClick={deploy}>
            {isBusy ? 'Deploying …' : 'Deploy'}
          </button>
        </>
      }
    >
      {problem && <Problem error={problem} />}
      {isBusy && <Loading what="Compiling the stage on every node …" />}
      <ul class="stack">
        {items.map((change) => (
          <li key={`${change.kind} ${change.name} ${change.change}`}>
            <Change change={change} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

const TONES = { added: 'good', removed: 'bad', changed: 'accent' } as const;

function Change({ change: { kind, name, change, fields } }: { change: ResourceChange }) {
  return (
    <div class="change">
      <p class="row wrap">
        <Badge tone={TONES[change]}>{change}</Badge> <b>{kind}</b> <code>{name}</code>
      </p>
      <dl class="diff">
        {fields.map(({ field, before, after }) => [
          <dt key={`${field}:`}>{field}</dt>,
          <dd key={field}>
            {before !== undefined && (
              <del>
                <span class="visually-hidden">before: </span>
                {textOf(before)}
              </del>
            )}
            {after !== undefined && (
              <ins>
                <span class="visually-hidden">after: </span>
                {textOf(after)}
              </ins>
            )}
          </dd>,
        ])}
      </dl>
    </div>
  );
}

const textOf = (value: unknown) =>
  typeof value === 'string' ? value : JSON.stringify(value, null, 1);

import { useState } from 'preact/hooks';
import { readApi } from '../gateway/apis.ts';
import { useQuery } from '../gateway/use-query.ts';
import { Loading, Problem } from '../ui/parts.tsx';
import { flowOf } from '../words/flow.ts';
import { CopyAs } from './api-copy.tsx';
import { FlowPicture } from './api-flow.tsx';
import { RouteDialog } from './api-route.tsx';
import { Stages } from './api-stages.tsx';

export function ApiPage({ apiId }: { apiId: string }) {
  const { data, error, reload } = useQuery(apiId, () => readApi(apiId), 10_000);
  const [selected, setSelected] = useState<string>();
  const [isCopying, setCopying] = useState(false);
  /** Counts what was changed here, so that whoever shows differences looks again. */
  const [edits, setEdits] = useState(0);
  if (error && !data) return <Problem error={error} retry={reload} />;
  if (!data) return <Loading what="Reading the API …" />;
  const { api, routes, integrations, stages } = data;
  const changed = async () => {
    await reload();
    setEdits((count) => count + 1);
  };
  return (
    <>
      <header class="page-head">
        <h1>{api.name}</h1>
        <p class="mono dim">{api.apiId}</p>
        <div class="row push">
          <button type="button" class="button" onClick={() => setSelected('new')}>
            Add a route
          </button>
          <button type="button" class="button" onClick={() => setCopying(true)}>
            Copy as …
          </button>
        </div>
      </header>
      <section class="panel" aria-label="Routes and where they lead">
        <FlowPicture
          flow={flowOf(routes, integrations)}
          selection={api.routeSelectionExpression}
          select={setSelected}
        />
      </section>
      <Stages api={api} stages={stages} edits={edits} changed={changed} />
      {selected !== undefined && (
        <RouteDialog
          parts={data}
          routeId={selected}
          onClose={() => setSelected(undefined)}
          changed={changed}
        />
      )}
      {isCopying && <CopyAs parts={data} onClose={() => setCopying(false)} />}
    </>
  );
}

import { listApis } from '../gateway/apis.ts';
import { useQuery } from '../gateway/use-query.ts';
import { go, place, to } from '../router.ts';
import { Loading, Problem } from '../ui/parts.tsx';
import { ApiPage } from './api.tsx';
import { Quickstart } from './quickstart.tsx';

export function Apis() {
  const { data, error, reload } = useQuery('apis', listApis, 5000);
  // Where there is but one there is nothing to choose.
  const [apiId = data?.length === 1 ? data[0]?.apiId : undefined] = place.value.rest;
  if (apiId !== undefined) {
    const others = data && data.length > 1;
    return (
      <>
        {others && (
          <p>
            <a href={to(['apis'])}>All APIs</a>
          </p>
        )}
        <ApiPage key={apiId} apiId={apiId} />
      </>
    );
  }
  return (
    <>
      <header class="page-head">
        <h1>APIs</h1>
      </header>
      {error && <Problem error={error} retry={reload} />}
      {!data && !error && <Loading what="Asking the gateway …" />}
      {data?.length === 0 && (
        <section class="panel">
          <Quickstart />
        </section>
      )}
      {data && data.length > 0 && (
        <section class="panel scroll">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">API id</th>
                <th scope="col">Route selection</th>
                <th scope="col">Endpoint</th>
              </tr>
            </thead>
            <tbody>
              {data.map((api) => (
                <tr key={api.apiId} class="link" onClick={() => go(['apis', api.apiId])}>
                  <th scope="row">
                    <a href={to(['apis', api.apiId])}>{api.name}</a>
                  </th>
                  <td class="mono">{api.apiId}</td>
                  <td class="mono">{api.routeSelectionExpression}</td>
                  <td class="mono">{api.apiEndpoint}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

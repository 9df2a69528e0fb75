import { request } from 'node:http';
import { expect, test } from 'vitest';
import type { TestApi } from './support/start-gateway.ts';
import { connect, refusal } from './support/test-socket.ts';
import { useGateway } from './support/use-gateway.ts';

let api: TestApi;
let base: string;
const at = useGateway(async ({ backend, gateway }) => {
  api = await gateway.createApi({
    routes: {
      $connect: {
        url: `${backend.url}/connect`,
        requestParameters: {
          'integration.request.header.connectionId': 'context.connectionId',
          'integration.request.header.domain': 'context.domainName',
          'integration.request.header.stage': 'context.stage',
        },
      },
    },
    stage: 'production',
  });
  base = gateway.url.replace('http', 'ws');
});

async function map(domainName: string, apiMappingKey?: string): Promise<string> {
  await at.gateway
    .control('POST', '/v2/domainnames', {
      domainName,
      domainNameConfigurations: [
        { certificateArn: 'arn:aws:acm:us-east-1:000000000000:certificate/x' },
      ],
    })
    .catch(() => {});
  const { apiMappingId } = await at.gateway.control<{ apiMappingId: string }>(
    'POST',
    `/v2/domainnames/${encodeURIComponent(domainName)}/apimappings`,
    { apiId: api.apiId, stage: 'production', apiMappingKey },
  );
  return apiMappingId;
}

/** A push with a Host header of its own, which fetch does not let one choose. */
async function push(host: string, path: string): Promise<number> {
  return (await ask('POST', host, path)).status;
}

function ask(method: string, host: string, path: string) {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const call = request(
      { host: '127.0.0.1', port: at.gateway.port, path, method, headers: { host } },
      async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
      },
    );
    call.on('error', reject);
    call.end(method === 'POST' ? 'pushed' : '');
  });
}

test.each([
  ['the domain itself, for the empty key', undefined, ['/', '']],
  ['/{key}', 'chat', ['/chat', '/chat/']],
])('a client connects at %s; the stage is not in the URL', async (_, key, paths) => {
  await map('ws.example.com', key);
  for (const path of paths) {
    await connect(`${base}${path}`, { headers: { Host: 'WS.example.com' } });
    const { headers } = await at.backend.requests('/connect').next();
    expect(headers).toMatchObject({ stage: 'production', domain: 'WS.example.com' });
  }
  for (const path of ['/production', '/nothing', '/chat/more']) {
    const refused = await refusal(`${base}${path}`, { headers: { Host: 'ws.example.com' } });
    expect(refused.status).toBe(403);
  }
});

test.each([
  [undefined, '/@connections/'],
  ['chat', '/chat/@connections/'],
])('a backend pushes at https://{domain}/{key}: %s', async (key, path) => {
  await map('ws.example.com', key);
  const socket = await connect(`${base}/${key ?? ''}`, { headers: { Host: 'ws.example.com' } });
  const { headers } = await at.backend.requests('/connect').next();
  const id = encodeURIComponent(String(headers.connectionid));
  expect(await push('ws.example.com', path + id)).toBe(200);
  expect(await socket.next()).toBe('pushed');
  expect(await push('ws.example.com', `/production/@connections/${id}`)).toBe(403);
});

test('a wildcard domain stands for one label', async () => {
  await map('*.example.com');
  await connect(`${base}/`, { headers: { Host: 'tenant.example.com:443' } });
  const refused = await refusal(`${base}/`, { headers: { Host: 'a.b.example.com' } });
  expect(refused.status).toBe(403);
});

test('a mapping takes effect at once, and its end as well', async () => {
  const mappingId = await map('ws.example.com');
  const options = { headers: { Host: 'ws.example.com' } };
  await connect(`${base}/`, options);
  await at.gateway.control('DELETE', `/v2/domainnames/ws.example.com/apimappings/${mappingId}`);
  expect((await refusal(`${base}/`, options)).status).toBe(403);
});

test('disableExecuteApiEndpoint leaves the custom domain open', async () => {
  await map('ws.example.com');
  await at.gateway.control('PATCH', `/v2/apis/${api.apiId}`, { disableExecuteApiEndpoint: true });
  await api.deploy();
  await connect(`${base}/`, { headers: { Host: 'ws.example.com' } });
  expect((await refusal(api.wsUrl)).status).toBe(403);
});

test('/ping and /sping of a domain are Amazon’s own, whatever is mapped there', async () => {
  await map('ws.example.com', 'ping');
  for (const path of ['/ping', '/sping']) {
    expect(await ask('GET', 'ws.example.com', path)).toEqual({ status: 200, body: 'healthy' });
  }
  const refused = await refusal(`${base}/ping`, { headers: { Host: 'ws.example.com' } });
  expect(refused.status).toBe(403);
  expect(await push('ws.example.com', '/ping/@connections/gbgA_A9XiQAYKEiI6A%3D%3D')).toBe(403);
});

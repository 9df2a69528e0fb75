/**
 * What Terraform with the provider `hashicorp/aws` does with a JSON configuration of our kind: references
 * resolved in order, arguments sent as the provider sends them.
 */
import type { ControlCall } from '../../../src/templates/control-client.ts';

// biome-ignore lint/suspicious/noExplicitAny: a configuration, walked freely
type Values = Record<string, any>;

const RENAMED: Readonly<Record<string, string>> = {
  timeout_milliseconds: 'timeoutInMillis',
  identity_sources: 'identitySource',
};

const PATHS: Readonly<Record<string, (values: Values) => string>> = {
  api: () => '/v2/apis',
  integration_response: ({ integration_id }) =>
    `/integrations/${integration_id}/integrationresponses`,
  route_response: ({ route_id }) => `/routes/${route_id}/routeresponses`,
};

const ORDER = [
  'api',
  'model',
  'authorizer',
  'integration',
  'integration_response',
  'route',
  'route_response',
  'deployment',
  'stage',
];

/** Makes everything; the id of the API. */
export async function applyTerraform(configuration: Values, call: ControlCall): Promise<string> {
  const ids = new Map<string, string>();
  const resources = configuration.resource as Values;
  for (const type of ORDER) {
    for (const [label, values] of Object.entries(resources[`aws_apigatewayv2_${type}`] ?? {})) {
      const address = `aws_apigatewayv2_${type}.${label}`;
      const known = resolve(values, ids) as Values;
      const {
        api_id,
        depends_on: _,
        lifecycle: __,
        triggers: ___,
        integration_id,
        route_id,
        ...rest
      } = known;
      const below = PATHS[type]?.({ integration_id, route_id }) ?? `/${type}s`;
      const path = type === 'api' ? below : `/v2/apis/${api_id}${below}`;
      const answer = await call('POST', path, bodyOf(type, rest));
      if (answer.status !== 201) throw new Error(`${address}: ${JSON.stringify(answer.body)}`);
      ids.set(address, idIn(type, answer.body as Values));
    }
  }
  return ids.get(configuration.output.api_id.value.slice(2, -'.id}'.length))!;
}

function idIn(type: string, answer: Values): string {
  if (type === 'stage') return answer.stageName;
  return answer[`${camel(type)}Id`];
}

function bodyOf(type: string, values: Values): Values {
  const body: Values = {};
  for (const [name, value] of Object.entries(values)) {
    if (name === 'request_parameter') {
      body.requestParameters = Object.fromEntries(
        value.map((each: Values) => [each.request_parameter_key, { required: each.required }]),
      );
    } else if (name === 'route_settings') {
      body.routeSettings = Object.fromEntries(
        value.map(({ route_key, ...rest }: Values) => [route_key, camelKeys(rest)]),
      );
    } else if (/^(?:default_route|access_log)_settings$/.test(name))
      body[camel(name)] = camelKeys(value);
    else if (type === 'stage' && name === 'name') body.stageName = value;
    else body[RENAMED[name] ?? camel(name)] = value;
  }
  return body;
}

const REFERENCE = /(\$\$|%%)(?=\{)|\$\{([\w.]+)\.id\}/g;

function resolve(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') {
    return value.replace(REFERENCE, (_, doubled: string | undefined, address: string) => {
      if (doubled !== undefined) return doubled.slice(1);
      const id = ids.get(address);
      if (id === undefined) throw new Error(`${address} is not made yet`);
      return id;
    });
  }
  if (Array.isArray(value)) return value.map((each) => resolve(each, ids));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      String(resolve(key, ids)),
      key === 'triggers' || key === 'depends_on' ? undefined : resolve(each, ids),
    ]),
  );
}

const camel = (name: string) => name.replace(/_[a-z]/g, (pair) => pair.slice(1).toUpperCase());

const camelKeys = (values: Values) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [camel(key), value]));

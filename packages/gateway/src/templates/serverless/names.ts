/** The logical ids that Serverless Framework gives: other parts of a file refer to them. */

/** `send-mail` → `SendDashmail` */
function normalizedName(name: string): string {
  const plain = name.replaceAll('-', 'Dash').replaceAll('_', 'Underscore');
  return plain.slice(0, 1).toUpperCase() + plain.slice(1);
}

/** `$connect` → `Sconnect`, `a/b` → `aSlashb` */
function normalizedRoute(route: string): string {
  return route
    .replaceAll('$', 'S')
    .replaceAll('/', 'Slash')
    .replaceAll('-', 'Dash')
    .replaceAll('_', 'Underscore')
    .replaceAll('.', 'Period');
}

export const logicalIds = {
  api: 'WebsocketsApi',
  deployment: 'WebsocketsDeployment',
  logGroup: 'WebsocketsLogGroup',
  stage: 'WebsocketsDeploymentStage',
  function: (key: string) => `${normalizedName(key)}LambdaFunction`,
  integration: (key: string) => `${normalizedName(key)}WebsocketsIntegration`,
  route: (route: string) => `${normalizedRoute(route)}WebsocketsRoute`,
  routeResponse: (route: string) => `${normalizedRoute(route)}WebsocketsRouteResponse`,
  authorizer: (name: string) => `${normalizedName(name)}WebsocketsAuthorizer`,
};

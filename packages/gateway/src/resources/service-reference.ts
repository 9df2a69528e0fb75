/** Which operation of which AWS service an integration of type AWS calls. */
export interface ServiceReference {
  readonly region: string;
  readonly service: string;
  readonly subdomain?: string;
  /** `action`: the operation's name, as in `dynamodb:action/PutItem`. `path`: the resource's path. */
  readonly kind: 'action' | 'path';
  readonly target: string;
}

const URI = /^arn:[\w-]+:apigateway:([\w-]+):(?:([\w-]+)\.)?([\w-]+):(action|path)\/(.*)$/s;

/** Throws an error with Amazon's own sentence when the URI is not of the form. */
export function parseServiceUri(uri: string): ServiceReference {
  const [, region, subdomain, service, kind, target] = URI.exec(uri) ?? [];
  if (region === undefined || service === undefined || target === undefined) {
    throw new Error('AWS ARN for integration must contain path or action');
  }
  return {
    region,
    service,
    ...(subdomain !== undefined && { subdomain }),
    kind: kind === 'action' ? 'action' : 'path',
    target,
  };
}

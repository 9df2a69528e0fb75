/**
 * The ways a function is named: in Lambda's API (`FunctionName`: a name, a partial ARN or an ARN, each
 * with a qualifier or without) and in the integration URI of API Gateway.
 */
export interface FunctionName {
  readonly functionName: string;
  /** A version, an alias or `$LATEST`. */
  readonly qualifier?: string;
}

const FUNCTION =
  /^(?:(?:arn:aws[a-z-]*:lambda:[a-z0-9-]+:)?\d{12}:)?(?:function:)?([\w-]{1,140})(?::(\$LATEST|[\w-]{1,128}))?$/;

const INVOCATION_URI =
  /^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;

/** `chat`, `chat:prod`, `123456789012:function:chat`, `arn:aws:lambda:…:function:chat:3`. */
export function parseFunctionArn(text: string): FunctionName | undefined {
  const match = FUNCTION.exec(text);
  if (!match) return undefined;
  const [, functionName, qualifier] = match;
  return { functionName: functionName!, ...(qualifier !== undefined && { qualifier }) };
}

/** `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function}/invocations`, or a bare function. */
export function parseInvocationUri(uri: string): FunctionName | undefined {
  return parseFunctionArn(INVOCATION_URI.exec(uri)?.[1] ?? uri);
}

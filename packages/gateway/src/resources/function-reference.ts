/** Which Lambda function an integration, or an authorizer, calls. */
export interface FunctionReference {
  readonly functionName: string;
  /** Version or alias. */
  readonly qualifier?: string;
}

const INVOCATION = /^arn:[\w-]+:apigateway:[^:]*:lambda:path\/[^/]+\/functions\/(.+)\/invocations$/;
const FUNCTION_ARN = /^arn:[\w-]+:lambda:[^:]*:\d*:function:([\w-]+)(?::([\w$-]+))?$/;
const PARTIAL = /^(?:\d{12}:function:)?([\w-]{1,140})(?::([\w$-]+))?$/;

/**
 * Reads the invocation ARN that API Gateway asks for and, as users often write it, the function's own
 * ARN or name. `undefined` for everything else.
 */
export function parseFunctionUri(uri: string): FunctionReference | undefined {
  const name = INVOCATION.exec(uri)?.[1] ?? uri;
  const [, functionName, qualifier] = FUNCTION_ARN.exec(name) ?? PARTIAL.exec(name) ?? [];
  if (functionName === undefined) return undefined;
  return { functionName, ...(qualifier !== undefined && { qualifier }) };
}

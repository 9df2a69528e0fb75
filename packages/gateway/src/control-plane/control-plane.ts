/**
 * The `apigatewayv2` REST API: what `aws apigatewayv2 …`, boto3, the AWS SDKs and our own template
 * loaders use to describe WebSocket APIs. Dispatched by one table of operations.
 */
import { ServiceException } from '../wire/exceptions.ts';
import type { HttpReply } from '../wire/http-reply.ts';
import { failure, success } from './answer.ts';
import {
  answerCallerIdentity,
  type CallerIdentity,
  refuseCallerIdentity,
} from './caller-identity.ts';
import { type Found, findOperation } from './find-operation.ts';
import type { ControlContext, ControlPlaneOptions, Operation } from './operation.ts';
import { operations } from './operations.ts';
import { readBody } from './read-body.ts';
import { createSerialQueue } from './serial-queue.ts';

export type { ControlPlaneOptions } from './operation.ts';

export interface ControlPlane {
  /**
   * Serves one request. Whatever a caller gets wrong is an answer; only bugs and a failing store
   * reject.
   */
  handle(request: ControlRequest): Promise<ControlReply>;
  /**
   * Answers a form sent to the Security Token Service, which tools ask first. `caller` is whoever
   * signed it, absent where nobody has to, and throws the exception that refuses a signature.
   */
  identify(form: Uint8Array, caller: () => CallerIdentity | undefined): ControlReply;
  /** What a request is, for authorization before it is served. Never throws. */
  resolve(method: string, path: string): ControlTarget;
}

export interface ControlRequest {
  readonly method: string;
  /** As sent, still percent-encoded, without the query. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
  readonly body: Uint8Array;
}

export interface ControlReply extends HttpReply {
  /** Such as `CreateApi`; `Unknown` when the path is none of the API's. */
  readonly operation: string;
  readonly resource: string;
}

export interface ControlTarget {
  readonly operation: string;
  /** The IAM action, such as `apigateway:GET`. */
  readonly action: string;
  /** The control ARN, such as `arn:aws:apigateway:us-east-1::/apis/a1b2c3d4e5`. */
  readonly resource: string;
}

export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { region, random } = options;
  const context: ControlContext = {
    ...options,
    lenient: options.lenient ?? false,
    httpAuthorizers: options.httpAuthorizers ?? false,
    changes: createSerialQueue(),
  };

  function describe(method: string, path: string, found: Found<Operation> | undefined) {
    const canonicalPath = found?.canonicalPath ?? path.replace(/^\/v2(?=\/)/, '');
    return {
      operation: found?.row.operation ?? 'Unknown',
      action: `apigateway:${method}`,
      resource: `arn:aws:apigateway:${region}::${canonicalPath}`,
    };
  }

  return {
    identify(form, caller) {
      const about = { operation: 'GetCallerIdentity', resource: '*' };
      const { accountId } = options;
      const root = { arn: `arn:aws:iam::${accountId}:root`, accountId, userId: accountId };
      try {
        return { ...answerCallerIdentity(form, caller() ?? root, random), ...about };
      } catch (error) {
        if (!(error instanceof ServiceException)) throw error;
        return { ...refuseCallerIdentity(error, random), ...about };
      }
    },

    resolve: (method, path) => describe(method, path, findOperation(operations, method, path)),

    async handle(request) {
      const { method, path } = request;
      const found = withQuery(findOperation(operations, method, path), request.query);
      const { operation, resource } = describe(method, path, found);
      try {
        const reply = await serve(context, request, found);
        return { ...reply, operation, resource };
      } catch (error) {
        if (!(error instanceof ServiceException)) throw error;
        return { ...failure(random, error), operation, resource };
      }
    },
  };
}

/** The operation the query tells apart from the one of the same path, where there is such a one. */
function withQuery(found: Found<Operation> | undefined, query: string) {
  const row = found?.row.instead?.(new URLSearchParams(query));
  return found && row ? { ...found, row } : found;
}

async function serve(
  context: ControlContext,
  { method, query, body }: ControlRequest,
  found: Found<Operation> | undefined,
): Promise<HttpReply> {
  if (!found) {
    throw new ServiceException(
      'MissingAuthenticationTokenException',
      'Missing Authentication Token',
    );
  }
  const { row, params } = found;
  const answered = await row.handler({
    context,
    params,
    query: new URLSearchParams(query),
    body: method === 'GET' || method === 'DELETE' || row.takesBytes ? {} : readBody(body),
    bytes: body,
  });
  return success(context.random, row.status, answered);
}

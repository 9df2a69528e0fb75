/**
 * Where a stage's lines go. AWS names a log group or a Firehose stream by its ARN; what stands in for
 * those is a setting. Three forms of our own name a place themselves: `stdout`, `file:NAME`, and a URL.
 */
export type LogDestination =
  /** A log group, or a delivery stream, by name. */
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'stdout' }
  /** Below the folder of logs. */
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'http'; readonly url: string };

const ARN =
  /^arn:[a-z-]+:(?:logs|firehose):[^:]*:[^:]*:(?:log-group:|deliverystream\/)(.*?)(?::\*)?$/;

export function readDestination(text: string): LogDestination {
  if (text === 'stdout') return { kind: 'stdout' };
  if (/^https?:\/\//.test(text)) return { kind: 'http', url: text };
  if (text.startsWith('file:')) return { kind: 'file', name: text.slice('file:'.length) };
  return { kind: 'group', name: ARN.exec(text)?.[1] ?? text };
}

/** Of the execution log, as recorded: REST APIs use another. */
export const executionLogGroup = (apiId: string, stage: string) =>
  `/aws/apigateway/${apiId}/${stage}`;

import type { ServerResponse } from 'node:http';
import type { Delivery } from './invocation.ts';

/** A runtime that has asked for its next event and is waiting for it. */
export class Poll {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** Called when the runtime went away, or was handed its event and heard it. */
  onClosed(action: () => void): void {
    this.#response.on('close', action);
  }

  /** `deadline` is epoch milliseconds. */
  deliver({ requestId, payload, functionArn, traceId }: Delivery, deadline: number): void {
    this.#response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': payload.length,
      'Lambda-Runtime-Aws-Request-Id': requestId,
      'Lambda-Runtime-Deadline-Ms': String(deadline),
      'Lambda-Runtime-Invoked-Function-Arn': functionArn,
      'Lambda-Runtime-Trace-Id': traceId,
    });
    this.#response.end(payload);
  }

  /** The runtime asked out of turn. */
  refuse(): void {
    this.#response.writeHead(403, { 'Content-Type': 'application/json' });
    this.#response.end(
      '{"errorMessage":"Transition is not allowed","errorType":"InvalidStateTransition"}',
    );
  }
}

/**
 * What Lambda answers for a function that gave no answer itself: the payload of an answer with
 * `functionError`, in Lambda's own words.
 */
import { type ExitStatus, exitWords } from './exit-status.ts';

export function timedOut(requestId: string, timeoutMillis: number): Buffer {
  const words = `RequestId: ${requestId} Error: ${timedOutWords(timeoutMillis)}`;
  return payload('Sandbox.Timedout', words);
}

/** The line that CloudWatch shows beside it. */
export function timedOutLine(requestId: string, timeoutMillis: number, now: number): string {
  return `${new Date(now).toISOString()} ${requestId} ${timedOutWords(timeoutMillis)}`;
}

export function initTimedOut(requestId: string, initMillis: number): Buffer {
  const words = `Init timed out after ${seconds(initMillis)} seconds`;
  return payload('Sandbox.Timedout', `RequestId: ${requestId} Error: ${words}`);
}

export function exited(requestId: string, status: ExitStatus): Buffer {
  return payload('Runtime.ExitError', `RequestId: ${requestId} Error: ${exitWords(status)}`);
}

export function notStarted(requestId: string, command: readonly string[], reason: string): Buffer {
  const words = `RequestId: ${requestId} Error: Couldn't start ${command[0]}: ${reason}`;
  return payload('Runtime.InvalidEntrypoint', words);
}

export function answerTooLarge(bytesMax: number): Buffer {
  const words = `Response payload size exceeded maximum allowed payload size (${bytesMax} bytes).`;
  return payload('Function.ResponseSizeTooLarge', words);
}

function timedOutWords(timeoutMillis: number): string {
  return `Task timed out after ${seconds(timeoutMillis)} seconds`;
}

const seconds = (millis: number) => (millis / 1000).toFixed(2);

function payload(errorType: string, errorMessage: string): Buffer {
  return Buffer.from(JSON.stringify({ errorType, errorMessage }));
}

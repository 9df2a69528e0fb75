import type { RawAnswer, RunningControlPlane } from './start-control-plane.ts';

/** What a v1 operation answers: its status and body, or the name and sentence of its exception. */
export function outcome({ status, headers, json }: RawAnswer) {
  const name = headers.get('x-amzn-errortype');
  return name === null ? { status, body: json } : { status, name, message: json.message };
}

export const replace = (path: string, value: string) => ({ op: 'replace', path, value });
export const add = (path: string, value: string) => ({ op: 'add', path, value });
export const remove = (path: string, value?: string) => ({ op: 'remove', path, value });

/** A PATCH of the v1 API. */
export const patch = (plane: RunningControlPlane, path: string, ...patchOperations: object[]) =>
  plane.send('PATCH', path, { patchOperations });

export const badRequest = (message: string) => ({
  status: 400,
  name: 'BadRequestException',
  message,
});

export const notFound = (message: string) => ({ status: 404, name: 'NotFoundException', message });

export const conflict = (message: string) => ({ status: 409, name: 'ConflictException', message });

export const limitExceeded = (things: string, owner: string) => ({
  status: 429,
  name: 'LimitExceededException',
  message:
    `Maximum number of ${things} for this ${owner} has been reached. ` +
    `Please contact AWS if you need additional ${things}.`,
});

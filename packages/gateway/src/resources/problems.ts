import { ServiceException } from '../wire/exceptions.ts';

/** The four ways a caller of the control plane can be wrong. Sentences are AWS's where known. */
export function badRequest(message: string): ServiceException {
  return new ServiceException('BadRequestException', message);
}

export function conflict(message: string): ServiceException {
  return new ServiceException('ConflictException', message);
}

/** `resourceType` is a member of the answer's body, such as `Route`. */
export function notFound(resourceType: string, message: string): ServiceException {
  return new ServiceException('NotFoundException', message, { resourceType });
}

/** A quota is full. `things` is the plural shown, `owner` what holds them: `API`, `Stage`. */
export function quotaReached(things: string, owner: string): ServiceException {
  return new ServiceException(
    'TooManyRequestsException',
    `Maximum number of ${things} for this ${owner} has been reached. ` +
      `Please contact AWS if you need additional ${things}.`,
    { limitType: things },
  );
}

import { ServiceException } from '../../wire/exceptions.ts';

/** The v1 API says no more than this about what is not there. */
export function unknown(message: string): ServiceException {
  return new ServiceException('NotFoundException', message);
}

/** A quota is full. `things` is the plural shown, `owner` what holds them. */
export function limitExceeded(things: string, owner: string): ServiceException {
  return new ServiceException(
    'LimitExceededException',
    `Maximum number of ${things} for this ${owner} has been reached. ` +
      `Please contact AWS if you need additional ${things}.`,
  );
}

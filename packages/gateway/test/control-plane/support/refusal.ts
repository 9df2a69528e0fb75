/** The exception the SDK made of an answer: its name, status, message and further members. */
export async function refusal(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    const { name, message, $metadata, ResourceType, LimitType } = error as ServiceError;
    return {
      name,
      status: $metadata?.httpStatusCode,
      message,
      ...(ResourceType !== undefined && { resourceType: ResourceType }),
      ...(LimitType !== undefined && { limitType: LimitType }),
    };
  }
  throw new Error('The call was expected to be refused');
}

interface ServiceError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly ResourceType?: string;
  readonly LimitType?: string;
}

export const badRequest = (message: string) => ({
  name: 'BadRequestException',
  status: 400,
  message,
});

export const conflict = (message: string) => ({ name: 'ConflictException', status: 409, message });

export const notFound = (resourceType: string, message: string) => ({
  name: 'NotFoundException',
  status: 404,
  message,
  resourceType,
});

export const quotaReached = (things: string, owner: string) => ({
  name: 'TooManyRequestsException',
  status: 429,
  message:
    `Maximum number of ${things} for this ${owner} has been reached. ` +
    `Please contact AWS if you need additional ${things}.`,
  limitType: things,
});

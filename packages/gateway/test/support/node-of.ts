/** The node that a connectionId names, as the gateway's own lists do. */
export const nodeOf = (connectionId: string) =>
  Buffer.from(connectionId, 'base64').toString('hex', 0, 4);

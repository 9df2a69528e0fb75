/** What some cases ask of an endpoint, with what the matrix says where it is not offered. */

/** @type {Record<string, string>} */
export const NEEDS = {
  lambda: 'the endpoint must call the runner for its Lambda functions',
  signatures: 'the endpoint must verify signatures, and know the users of this run',
  services: 'the endpoint must call the runner for AWS services',
  loopback: 'the endpoint must run on this machine',
  postern: 'an extension of Postern',
};

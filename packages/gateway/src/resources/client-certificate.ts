import type { FieldTable } from './field.ts';
import { tagsRule } from './tags.ts';

/**
 * A certificate by which backends recognize the gateway, stored under `clientcertificate/{id}`.
 * Dates are epoch seconds.
 */
export interface ClientCertificate {
  readonly clientCertificateId: string;
  readonly description?: string;
  /** What backends are told to trust. */
  readonly pemEncodedCertificate: string;
  /** Never shown. */
  readonly privateKeyPem: string;
  readonly createdDate: number;
  readonly expirationDate: number;
  readonly tags?: Readonly<Record<string, string>>;
}

export const CLIENT_CERTIFICATE_PREFIX = 'clientcertificate/';
export const clientCertificateValidDays = 365;

export const clientCertificateFields: FieldTable<ClientCertificate> = {
  noun: 'ClientCertificate',
  fields: [
    { name: 'description', kind: 'text', lengthMax: 1024, isClearable: true },
    { name: 'tags', ...tagsRule, only: 'create' },
  ],
  given: ['clientCertificateId', 'pemEncodedCertificate', 'createdDate', 'expirationDate'],
};

import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import type { ClientCertificate } from '../../../src/resources/client-certificate.ts';
import { startControlPlane, useControlPlane } from '../support/start-control-plane.ts';
import {
  badRequest,
  limitExceeded,
  notFound,
  outcome,
  patch,
  remove,
  replace,
} from '../support/v1.ts';

const plane = useControlPlane();
const path = '/clientcertificates';
const generate = (body: object = {}) => plane.send('POST', path, body);
const stored = async (id: string) =>
  (await plane.store.get(`clientcertificate/${id}`))!.value as ClientCertificate;
const unknown = notFound('Invalid Client Certificate identifier specified');

describe('Client certificates', () => {
  test('are real: self-signed, for a client, valid for a year', async () => {
    const { status, json } = await generate({ description: 'to the backend', tags: { a: 'b' } });
    expect(status).toBe(201);
    const { pemEncodedCertificate, ...rest } = json;
    expect(rest).toEqual({
      clientCertificateId: expect.stringMatching(/^[a-z0-9]{6}$/),
      description: 'to the backend',
      createdDate: 1767323045,
      expirationDate: 1767323045 + 365 * 86_400,
      tags: { a: 'b' },
    });
    const certificate = new X509Certificate(pemEncodedCertificate);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    expect(Date.parse(certificate.validFrom) / 1000).toBe(json.createdDate);
    expect(Date.parse(certificate.validTo) / 1000).toBe(json.expirationDate);
    const { privateKeyPem } = await stored(json.clientCertificateId);
    expect(certificate.checkPrivateKey(createPrivateKey(privateKeyPem))).toBe(true);
  });

  test('are accepted by a backend that trusts them, and no other is', async () => {
    const [one, other] = await Promise.all([
      stored((await generate()).json.clientCertificateId),
      stored((await generate()).json.clientCertificateId),
    ]);
    const server = createServer(
      {
        // Any server certificate will do.
        cert: other.pemEncodedCertificate,
        key: other.privateKeyPem,
        ca: one.pemEncodedCertificate,
        requestCert: true,
        rejectUnauthorized: false,
      },
      (socket) => socket.end(String(socket.authorized)),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const call = async ({ pemEncodedCertificate: cert, privateKeyPem: key }: ClientCertificate) => {
      const { port } = server.address() as AddressInfo;
      const socket = connect({ port, host: '127.0.0.1', cert, key, rejectUnauthorized: false });
      return (await socket.toArray()).join('');
    };
    expect([await call(one), await call(other)]).toEqual(['true', 'false']);
    await new Promise((resolve) => server.close(resolve));
  });

  test('are read, listed, described and deleted, without their private keys', async () => {
    const made = (await generate()).json;
    const one = `${path}/${made.clientCertificateId}`;
    expect((await plane.send('GET', one)).json).toEqual(made);
    expect((await plane.send('GET', path)).json.item).toContainEqual(made);
    const described = await patch(plane, one, replace('/description', 'new'));
    expect(outcome(described)).toEqual({ status: 200, body: { ...made, description: 'new' } });
    expect((await patch(plane, one)).json.description).toBe('new');
    expect((await patch(plane, one, replace('/description', ''))).json).toEqual(made);
    expect((await plane.send('DELETE', one)).status).toBe(202);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const body = method === 'PATCH' ? {} : undefined;
      expect(outcome(await plane.send(method, one, body))).toEqual(unknown);
    }
  });

  test('refuse what cannot be changed or is too long', async () => {
    const { clientCertificateId: id } = (await generate()).json;
    expect(outcome(await patch(plane, `${path}/${id}`, remove('/description')))).toEqual(
      badRequest(
        "Invalid patch path  '/description' specified for op 'remove'. Must be one of: []",
      ),
    );
    expect(outcome(await generate({ description: 'd'.repeat(1025) }))).toEqual(
      badRequest('Invalid description specified. Must be 0 to 1024 characters long'),
    );
  });

  test('are at most 300 to an account', async () => {
    const other = await startControlPlane();
    const changes = Array.from({ length: 299 }, (_, at) => ({
      key: `clientcertificate/copy${at}`,
      value: {},
      expectedVersion: 0,
    }));
    await other.store.commit(changes);
    expect((await other.send('POST', path, {})).status).toBe(201);
    expect(outcome(await other.send('POST', path, {}))).toEqual(
      limitExceeded('Client Certificates', 'account'),
    );
    await other.close();
  });
});

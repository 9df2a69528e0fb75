import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError, loadConfiguration, type Mode } from '../../src/server/config.ts';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'postern-test-'));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

interface Sources {
  argv?: string[];
  env?: Record<string, string>;
  yaml?: string;
  mode?: Mode;
}

function load({ argv = [], env = {}, yaml, mode = 'dev' }: Sources = {}) {
  if (yaml !== undefined) writeFileSync(join(cwd, 'postern.yaml'), yaml);
  return loadConfiguration({ argv, env, cwd, mode });
}

function problems(sources: Sources): readonly string[] {
  try {
    load(sources);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigurationError);
    return (error as ConfigurationError).problems;
  }
  throw new Error('the configuration was accepted');
}

const KEYS = `users:
  - name: backend
    accessKeys: [{ accessKeyId: AKIAEXAMPLE, secretAccessKey: hush }]
`;

describe('where a setting comes from', () => {
  test('nothing said: the defaults, frozen', () => {
    const { configuration, file, users } = load();
    expect(configuration).toEqual({
      port: 4080,
      host: '127.0.0.1',
      adminPort: undefined,
      adminHost: '127.0.0.1',
      publicUrl: undefined,
      account: '000000000000',
      region: 'us-east-1',
      data: join(cwd, '.postern'),
      ephemeral: false,
      engine: 'embedded',
      workers: 1,
      workerSpread: 'turns',
      config: undefined,
      backend: undefined,
      verbose: false,
      trustedProxies: '',
      proxyProtocol: false,
      backendsDenied: 'metadata',
      backendsAllowed: '',
      backendsCa: undefined,
      backendSigningKeyFile: undefined,
      lambdaEndpoint: undefined,
      stageLogs: 'stdout',
      lenient: false,
      httpAuthorizers: false,
      singleUseSignatures: 'none',
      drainSeconds: 25,
      drainDelaySeconds: 0,
      drainSpreadSeconds: 10,
      handshakeTimeoutSeconds: 10,
      tlsCert: undefined,
      tlsKey: undefined,
      tlsClientCa: undefined,
      connectionsMax: 0,
      connectsPerSecondMax: 0,
      accountRateLimit: 0,
      accountBurstLimit: 5000,
      messagesInFlightMax: 100,
      sendQueueBytesMax: 1_048_576,
      sendQueueMessagesMax: 10_000,
      disconnectAttemptsMax: 20,
      disconnectRetrySeconds: 1,
      disconnectRetryMaxSeconds: 300,
      deadLettersMax: 100_000,
      backendConnectionsMax: 256,
    });
    expect(Object.isFrozen(configuration)).toBe(true);
    expect(file).toBeUndefined();
    expect(users).toEqual([]);
  });

  test('a URL that is to authorize needs the setting, and the problem says so', () => {
    const api = `
apis:
  chat:
    authorizers: { tokens: { authorizerUri: "http://127.0.0.1:3000/authorize" } }
    routes: { $connect: { url: "http://127.0.0.1:3000/", authorizer: tokens } }`;
    expect(() => load({ yaml: api })).toThrow(
      'postern.yaml: apis.chat.authorizers.tokens.authorizerUri: AWS knows Lambda functions only: ' +
        'to have a URL asked, set httpAuthorizers: true (line 4)',
    );
    for (const given of [
      { yaml: `httpAuthorizers: true${api}` },
      { yaml: api, argv: ['--http-authorizers'] },
    ]) {
      expect(load(given).configuration.httpAuthorizers).toBe(true);
    }
  });

  test('a stage that asks for tokens says all three things about them', () => {
    const api = (settings: string) =>
      `apis:\n  chat:\n    settings: ${settings}\n    routes: { $default: http://localhost }`;
    expect(() => load({ yaml: api('{ jwtIssuer: "https://a", jwtAudience: [b] }') })).toThrow(
      'postern.yaml: apis.chat.settings.jwtIssuer: needs jwtKeys beside it (line 3)',
    );
    expect(() => load({ yaml: api('{ jwtKeys: keys.json }') })).toThrow(
      'apis.chat.settings.jwtKeys: needs jwtIssuer and jwtAudience beside it',
    );
    load({ yaml: api('{ jwtIssuer: a, jwtAudience: b, jwtKeys: keys.json }') });
  });

  test('a flag comes before the environment, that before the file, that before the default', () => {
    const yaml = 'port: 3\nregion: eu-west-1\naccount: "123456789012"';
    const env = { POSTERN_PORT: '2', POSTERN_REGION: 'eu-west-2' };
    const { configuration } = load({ argv: ['--port', '1'], env, yaml });
    expect(configuration).toMatchObject({
      port: 1,
      region: 'eu-west-2',
      account: '123456789012',
      host: '127.0.0.1',
    });
  });

  test('flags take their value with a blank or an equals sign; switches need none', () => {
    const argv = ['--port=0', '--public-url', 'https://push.example.com/', '--ephemeral'];
    expect(load({ argv }).configuration).toMatchObject({
      port: 0,
      publicUrl: 'https://push.example.com',
      ephemeral: true,
    });
    const env = { POSTERN_EPHEMERAL: '1' };
    expect(load({ env }).configuration.ephemeral).toBe(true);
    expect(load({ env, argv: ['--no-ephemeral'] }).configuration.ephemeral).toBe(false);
  });

  test('an empty variable says nothing, nor does the one Kubernetes sets for a Service', () => {
    const env = { POSTERN_HOST: '', POSTERN_PORT: 'tcp://10.0.0.7:4080' };
    expect(load({ env }).configuration).toMatchObject({ host: '127.0.0.1', port: 4080 });
  });

  test('--config names another file; a missing one is an error only when it was named', () => {
    writeFileSync(join(cwd, 'other.yaml'), 'port: 5');
    expect(load({ argv: ['--config', 'other.yaml'] })).toMatchObject({
      configuration: { port: 5 },
      filePath: join(cwd, 'other.yaml'),
    });
    expect(problems({ argv: ['--config', 'none.yaml'] })).toEqual([
      `--config: there is no file ${join(cwd, 'none.yaml')}`,
    ]);
  });
});

describe('what is wrong is told with its place', () => {
  test('flags and environment, all at once', () => {
    const argv = ['--prot', '1', '--host', '--region', 'eu west', '--port=x', '--backend=ftp://x'];
    expect(problems({ argv, env: { POSTERN_ACCOUNT: '12' } })).toEqual([
      '--prot: unknown option (did you mean "--port"?)',
      'unexpected "1"',
      '--host: needs a value, such as --host 127.0.0.1',
      'unexpected "eu west"',
      'POSTERN_ACCOUNT: expected twelve digits, got "12"',
      '--port: expected a whole number from 0 to 65535, got "x"',
      '--backend: expected an http or https URL, got "ftp://x"',
    ]);
  });

  test('a certificate without its key, or a key without its certificate', () => {
    expect(problems({ argv: ['--tls-cert', 'a.pem'], mode: 'start' })).toEqual([
      'tlsCert has no use without tlsKey: set both, or neither',
    ]);
    expect(problems({ yaml: 'tlsKey: b.pem', mode: 'start' })).toEqual([
      'tlsKey has no use without tlsCert: set both, or neither',
    ]);
    const argv = ['--tls-cert', 'a.pem', '--tls-key', '/b.pem'];
    expect(load({ argv, mode: 'start' }).configuration).toMatchObject({
      tlsCert: join(cwd, 'a.pem'),
      tlsKey: '/b.pem',
    });
  });

  test('several certificates, and authorities of clients', () => {
    const argv = [
      '--tls-cert',
      'a.pem, /b.pem',
      '--tls-key',
      'a.key,b.key',
      '--tls-client-ca',
      'c.pem',
    ];
    expect(load({ argv, mode: 'start' }).configuration).toMatchObject({
      tlsCert: `${join(cwd, 'a.pem')},/b.pem`,
      tlsKey: `${join(cwd, 'a.key')},${join(cwd, 'b.key')}`,
      tlsClientCa: join(cwd, 'c.pem'),
    });
    expect(problems({ argv: ['--tls-cert', 'a,b', '--tls-key', 'a'], mode: 'start' })).toEqual([
      'tlsCert names 2 and tlsKey 1 of their files: ' +
        'to each certificate belongs one key, in the same order',
    ]);
    expect(problems({ argv: ['--tls-client-ca', 'c.pem'], mode: 'start' })).toEqual([
      'tlsClientCa has no use without tlsCert and tlsKey',
    ]);
    expect(problems({ argv: ['--tls-cert', 'a,,b', '--tls-key', 'a'], mode: 'start' })).toEqual([
      '--tls-cert: expected files, comma-separated, got "a,,b"',
    ]);
  });

  test('the PROXY protocol with nobody to believe', () => {
    expect(problems({ argv: ['--proxy-protocol'] })).toEqual([
      'proxyProtocol has no use without trustedProxies: of nobody else is a header believed',
    ]);
  });

  test('authorities of backends that are not there, or none', () => {
    const none = join(cwd, 'none.pem');
    expect(problems({ argv: ['--backends-ca', 'none.pem'] })).toEqual([
      `backendsCa: Cannot read ${none}: there is no such file.`,
    ]);
    writeFileSync(none, 'text');
    expect(problems({ argv: ['--backends-ca', 'none.pem'] })).toEqual([
      `backendsCa: ${none} holds no certificate in PEM.`,
    ]);
  });

  test('hosts that are none', () => {
    expect(problems({ argv: ['--backends-denied', 'private, 10.0.0'] })).toEqual([
      '--backends-denied: "10.0.0" is no host name, no address and no range such as 10.0.0.0/8',
    ]);
    expect(problems({ yaml: 'trustedProxies: 10.0.0.0/33' })).toEqual([
      'postern.yaml: trustedProxies: "10.0.0.0/33" is no address and no range such as 10.0.0.0/8 (line 1)',
    ]);
  });

  test('a file serves both commands: what belongs to the other is left alone', () => {
    const yaml = 'adminPort: 9000\nbackend: http://x';
    expect(load({ yaml }).configuration).toMatchObject({
      adminPort: undefined,
      backend: 'http://x',
    });
    expect(load({ yaml, mode: 'start' }).configuration).toMatchObject({
      adminPort: 9000,
      backend: undefined,
    });
  });

  test('a setting of dev is unknown to start', () => {
    expect(problems({ argv: ['--backend', 'http://x'], mode: 'start' })[0]).toMatch(
      /^--backend: unknown option/,
    );
  });

  test.each([
    ['port: 70000', 'port: expected a whole number from 0 to 65535, got 70000 (line 1)'],
    ['workers: 0', 'workers: expected a whole number from 1 to 64, or auto, got 0 (line 1)'],
    ['workers: 65', 'workers: expected a whole number from 1 to 64, or auto, got 65 (line 1)'],
    ['port: "80"', 'port: expected a whole number from 0 to 65535, got "80" (line 1)'],
    [
      '\naccount: 123456789012',
      'account: expected twelve digits, as text in quotes, got 123456789012 (line 2)',
    ],
    ['hots: x', 'hots: unknown key (did you mean "host"?) (line 1)'],
    ['config: x', 'config: unknown key (line 1)'],
    ['apis: [1]', 'apis: expected a mapping of names to APIs, got a list (line 1)'],
    ['- 1', 'expected a mapping, got a list'],
    [
      'apis:\n  chat:\n    stage: x',
      'apis.chat.routes: missing: expected a mapping of route keys to URLs (line 2)',
    ],
    ['apis: { chat: { routes: {} } }', 'apis.chat.routes: at least one route is needed (line 1)'],
  ])('%j: %s', (yaml, expected) => {
    expect(problems({ yaml })).toContain(`postern.yaml: ${expected}`);
  });

  test.each([
    ['idle: 0', 'idle: unknown key'],
    ['idleTimeoutSecond: 0', 'idleTimeoutSecond: unknown key (did you mean "idleTimeoutSeconds"?)'],
    [
      'idleTimeoutSeconds: never',
      'idleTimeoutSeconds: expected a whole number of seconds from 0 to 31536000, got "never"',
    ],
    [
      'frameBytesMax: 1023',
      'frameBytesMax: expected a whole number of bytes from 1024 to 10485760, got 1023',
    ],
    ['binaryFrames: "true"', 'binaryFrames: expected true or false, got "true"'],
  ])('a setting of a stage %j', (line, expected) => {
    const routes = '    routes: { $default: http://x }';
    const yaml = `apis:\n  chat:\n${routes}\n    settings:\n      ${line}`;
    expect(problems({ yaml })).toEqual([`postern.yaml: apis.chat.settings.${expected} (line 5)`]);
  });

  test.each([
    ['$connect: 42', '$connect: expected a URL, got 42'],
    ['$connect:', '$connect: expected a URL, got nothing'],
    [
      '$connect: localhost:3000',
      '$connect: expected a URL that starts with http:// or https://, got "localhost:3000"',
    ],
    [
      '$conect: http://x',
      '$conect: of the route keys that start with $ only $connect, $disconnect, $default exist (did you mean "$connect"?)',
    ],
    ['$default: { urll: http://x }', '$default.urll: unknown key (did you mean "url"?)'],
    ['$default: { method: POST }', '$default: either url or function is needed'],
    [
      '$default: { url: http://x, timeout: 30000 }',
      '$default.timeout: expected at most 29000 milliseconds, got 30000',
    ],
    [
      '$default: { url: http://x, method: post }',
      '$default.method: expected an HTTP method such as POST, got "post"',
    ],
    [
      '$default: { url: http://x, headers: { a: b } }',
      '$default.headers.a: "b" is not a mapping expression',
    ],
    ['send: "http://${stageVariables.none}/x"', 'send: '],
  ])('a route %j', (route, expected) => {
    const yaml = `# a comment\napis:\n  chat:\n    routes:\n      ${route}`;
    const found = problems({ yaml });
    const line = found.find((text) =>
      text.startsWith(`postern.yaml: apis.chat.routes.${expected}`),
    );
    expect(line, found.join('\n')).toMatch(/\(line 5\)$/);
  });

  test('YAML that cannot be read, with its line', () => {
    expect(problems({ yaml: 'port: 1\nport: 2' })).toEqual([
      'postern.yaml: Map keys must be unique (line 2)',
    ]);
    expect(problems({ yaml: 'apis:\n  __proto__: { routes: {} }' })).toEqual([
      'postern.yaml: __proto__ cannot be a key (line 2)',
    ]);
    expect(problems({ yaml: 'a: &a [1]\nb: [*c]' })[0]).toMatch(/^postern\.yaml: .*\bc\b/);
  });

  test('two APIs with one id, two access keys with one id', () => {
    const api = '{ id: chat, routes: { $default: http://x } }';
    expect(problems({ yaml: `apis:\n  a: ${api}\n  b: ${api}` })).toEqual([
      'postern.yaml: apis.b.id: apis.a has this id too (line 3)',
    ]);
    const key = '{ accessKeyId: AKIAEXAMPLE, secretAccessKey: x }';
    expect(problems({ yaml: `users: [{ name: a, accessKeys: [${key}, ${key}] }]` })).toEqual([
      'postern.yaml: users[0].accessKeys[1].accessKeyId: another access key has this id too (line 1)',
    ]);
  });

  // With a month that there is not, a key never expired; a day that there is not was another one.
  test.each(['2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-12-31T23:59:60Z'])(
    'a key that expires at %s, which is no time',
    (expiration) => {
      const key = `{ accessKeyId: AKIAONE, secretAccessKey: x, expiration: '${expiration}' }`;
      expect(problems({ yaml: `users: [{ name: a, accessKeys: [${key}] }]` })).toEqual([
        'postern.yaml: users[0].accessKeys[0].expiration: there is no such day or time (line 1)',
      ]);
    },
  );

  test.each(['tomorrow', '2026-12-31'])('a key that expires %s', (expiration) => {
    const key = `{ accessKeyId: AKIAONE, secretAccessKey: x, expiration: '${expiration}' }`;
    expect(problems({ yaml: `users: [{ name: a, accessKeys: [${key}] }]` })).toEqual([
      'postern.yaml: users[0].accessKeys[0].expiration: expected a date such as ' +
        `2026-12-31T23:59:59Z, in quotes, got "${expiration}" (line 1)`,
    ]);
  });

  test('a policy document names its wrong part', () => {
    const yaml = `users:
  - name: backend
    policies:
      - Version: '2012-10-17'
        Statement:
          - Effect: Alow
            Action: '*'
            Resource: '*'
`;
    expect(problems({ yaml })[0]).toMatch(
      /^postern\.yaml: users\[0\]\.policies\[0\]\.Statement\[0\]\.Effect: .*\(line 6\)$/,
    );
  });

  test('a secret is never quoted', () => {
    const key = (secret: string) =>
      `users: [{ name: a, accessKeys: [{ accessKeyId: AKIAX, secretAccessKey: ${secret} }] }]`;
    const text = [
      ...problems({ yaml: key('[hush]') }),
      ...problems({ yaml: key('123454321') }),
      ...problems({ yaml: key('{ env: [hush] }') }),
    ].join('\n');
    expect(text).toContain('secretAccessKey: expected text, { env: NAME } or { file: PATH }');
    expect(text).not.toMatch(/hush|123454321/);
  });
});

describe('secrets', () => {
  const yaml = `users:
  - name: backend
    accessKeys:
      - { accessKeyId: AKIAONE, secretAccessKey: { env: BACKEND_SECRET } }
      - { accessKeyId: AKIATWO, secretAccessKey: { file: secret.txt }, enabled: false }
      - { accessKeyId: ASIATHREE, secretAccessKey: literal, sessionToken: { env: TOKEN } }
`;

  test('are literal, or in the environment, or the first line of a file beside the configuration', () => {
    writeFileSync(join(cwd, 'secret.txt'), 'from-file\nmore\n');
    const { users } = load({ yaml, env: { BACKEND_SECRET: 'from-env', TOKEN: 'session' } });
    expect(users).toEqual([
      {
        name: 'backend',
        policies: [],
        accessKeys: [
          { accessKeyId: 'AKIAONE', secretAccessKey: 'from-env', enabled: true },
          { accessKeyId: 'AKIATWO', secretAccessKey: 'from-file', enabled: false },
          {
            accessKeyId: 'ASIATHREE',
            secretAccessKey: 'literal',
            sessionToken: 'session',
            enabled: true,
          },
        ],
      },
    ]);
  });

  test('tokens are found the same way, and short ones refused', () => {
    const yaml = (token: string) => `users:
  - name: operator
    tokens: [${token}]
`;
    const env = { TOKEN: 'sixteen-letters!' };
    expect(load({ yaml: yaml('{ env: TOKEN }'), env }).users).toEqual([
      { name: 'operator', accessKeys: [], policies: [], tokens: ['sixteen-letters!'] },
    ]);
    expect(problems({ yaml: yaml('fifteen-letters') })).toEqual([
      'postern.yaml: users[0].tokens[0]: a token needs at least 16 characters (line 3)',
    ]);
    expect(problems({ yaml: yaml('{ env: NONE }') })).toEqual([
      'postern.yaml: users[0].tokens[0]: the environment variable NONE is not set (line 3)',
    ]);
  });

  test('that are not there are named, with their line', () => {
    expect(problems({ yaml, env: { TOKEN: 'x' } })).toEqual([
      'postern.yaml: users[0].accessKeys[0].secretAccessKey: ' +
        'the environment variable BACKEND_SECRET is not set (line 4)',
      'postern.yaml: users[0].accessKeys[1].secretAccessKey: ' +
        `cannot read the file ${join(cwd, 'secret.txt')} (ENOENT) (line 5)`,
    ]);
  });
});

describe('who may be listened to', () => {
  test.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]'])(
    '%s is this machine',
    (host) => {
      expect(load({ argv: ['--host', host] }).configuration.host).toBe(host);
      expect(load({ argv: ['--host', host], mode: 'start' }).configuration.host).toBe(host);
    },
  );

  test.each(['0.0.0.0', '::', '10.0.0.1', 'gateway.internal'])('%s is the network', (host) => {
    const argv = ['--host', host];
    expect(problems({ argv, yaml: KEYS })[0]).toMatch(/^postern dev accepts any credentials/);
    expect(problems({ argv, yaml: '', mode: 'start' })[0]).toMatch(
      /will not listen on .* without access keys.*Add users with accessKeys/,
    );
    const disabled = KEYS.replace('hush', 'hush, enabled: false');
    expect(problems({ argv, yaml: disabled, mode: 'start' })).toHaveLength(1);
    expect(load({ argv, yaml: KEYS, mode: 'start' }).configuration.host).toBe(host);
    const admin = ['--admin-port', '0', '--admin-host', host];
    expect(problems({ argv: admin, yaml: '', mode: 'start' })[0]).toMatch(
      /will not listen on .* without access keys/,
    );
  });
});

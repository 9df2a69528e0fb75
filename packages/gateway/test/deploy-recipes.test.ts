/** The recipes in deploy/, as far as they can be held to something without building a container. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exitCodes } from '../src/cli/io.ts';
import { loadConfiguration } from '../src/server/config.ts';
import { parseConfigFile } from '../src/server/config-file.ts';
import { environmentNameOf, settingsOf } from '../src/server/settings.ts';

const root = join(import.meta.dirname, '../../..');
const folder = join(root, 'deploy');
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const variables = settingsOf('start').map(([key]) => environmentNameOf(key));

describe('the Dockerfile', () => {
  /** Instruction and its rest, continued lines joined. */
  const instructions = read('Dockerfile')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => [line.split(' ', 1)[0]!, line.slice(line.indexOf(' ') + 1)] as const);
  const rest = (name: string) =>
    instructions.filter(([one]) => one === name).map(([, text]) => text);
  const at = (name: string) => instructions.findLastIndex(([one]) => one === name);

  test('has known instructions only, and images of a named version', () => {
    const known = 'FROM WORKDIR COPY RUN USER ENV VOLUME EXPOSE HEALTHCHECK ENTRYPOINT CMD'.split(
      ' ',
    );
    expect(
      [...new Set(instructions.map(([name]) => name))].filter((one) => !known.includes(one)),
    ).toEqual([]);
    for (const image of rest('FROM')) expect(image).toMatch(/^node:\d+-[a-z]+-slim(?: AS \w+)?$/);
  });

  test('ends as somebody who is not root, and has a health check', () => {
    expect(rest('USER')).toEqual(['node']);
    expect(at('USER')).toBeLessThan(at('ENTRYPOINT'));
    expect(instructions.slice(at('USER')).map(([name]) => name)).not.toContain('RUN');
    expect(rest('HEALTHCHECK')[0]).toMatch(/127\.0\.0\.1:4081\/@health\/ready/);
  });

  test('copies what is there', () => {
    const copied = rest('COPY').flatMap(
      (text) => /--from=build \/src\/(\S+)/.exec(text)?.[1] ?? [],
    );
    const made = ['node_modules', 'packages/gateway/dist'];
    expect(copied.filter((path) => !made.includes(path) && !existsSync(join(root, path)))).toEqual(
      [],
    );
  });

  test('runs scripts and no install scripts, sets variables that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const runs = rest('RUN').join(' && ').split(' && ');
    for (const run of runs.filter((one) => one.startsWith('npm'))) {
      const script = /^npm run (\S+)$/.exec(run)?.[1];
      if (script !== undefined) expect(scripts).toHaveProperty(script);
      else expect(run).toMatch(/^npm ci .*--ignore-scripts/);
    }
    const set = rest('ENV').flatMap((text) =>
      [...text.matchAll(/(\w+)=/g)].map(([, name]) => name!),
    );
    expect(set.filter((name) => name.startsWith('POSTERN_') && !variables.includes(name))).toEqual(
      [],
    );
  });

  test('begins with options that the command knows', () => {
    const [command, ...argv] = JSON.parse(rest('CMD')[0]!) as string[];
    expect(command).toBe('start');
    const options = argv.map((word) => word.replace('/etc/postern', folder));
    const env = { POSTERN_HOST: '127.0.0.1' };
    const load = () => loadConfiguration({ argv: options, env, cwd: '/', mode: 'start' });
    // The file is one the gateway reads: only the secret is not mounted here.
    expect(load).toThrow(/cannot read the file \/run\/secrets\/backend_secret/);
  });
});

describe('the unit of systemd', () => {
  const lines = read('postern.service').split('\n');
  const entries = lines.flatMap((line): [string, string][] => {
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    return key === undefined ? [] : [[key, value!]];
  });
  const values = (key: string) => entries.flatMap(([one, value]) => (one === key ? [value] : []));

  test('starts what is there, with options that the command knows', () => {
    const [node, program, command, ...argv] = values('ExecStart')[0]!.split(' ');
    expect(node).toBe('/usr/bin/node');
    expect(existsSync(program!.replace('/opt/postern', root))).toBe(true);
    expect(command).toBe('start');
    const options = argv.map((word) => word.replace('/etc/postern', folder));
    const load = () => loadConfiguration({ argv: options, env: {}, cwd: '/', mode: 'start' });
    expect(load).toThrow(/cannot read the file \/run\/secrets\/backend_secret/);
  });

  test('sets variables that exist, and is not root', () => {
    const names = values('Environment').map((text) => text.split('=')[0]!);
    expect(names.filter((name) => name !== 'NODE_ENV' && !variables.includes(name))).toEqual([]);
    expect(values('User')).toEqual(['postern']);
  });

  test('is started again for ever, but not with a configuration that is wrong', () => {
    expect(values('Restart')).toEqual(['always']);
    expect(values('StartLimitIntervalSec')).toEqual(['0']);
    expect(values('RestartPreventExitStatus')).toEqual([String(exitCodes.misused)]);
  });

  test('has the patience that a drain takes', () => {
    const { configuration } = loadConfiguration({ argv: [], env: {}, cwd: '/', mode: 'start' });
    const { drainSeconds, drainDelaySeconds } = configuration;
    expect(Number(values('TimeoutStopSec')[0])).toBeGreaterThan(drainSeconds + drainDelaySeconds);
    expect(values('KillMode')).toEqual(['mixed']);
  });
});

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Record<string, string>;
  readonly volumes?: string[];
  readonly ports?: string[];
  readonly secrets?: string[];
  readonly [name: string]: unknown;
}

interface Compose {
  readonly services: Record<string, Service>;
  readonly volumes?: Record<string, unknown>;
  readonly secrets?: Record<string, { readonly file: string }>;
}

describe.each(readdirSync(folder).filter((name) => name.startsWith('compose')))('%s', (name) => {
  const compose = parse(read(name)) as Compose;
  const services = Object.entries(compose.services);
  const gateways = services.filter(([, { image }]) => image === 'postern');

  test('has a gateway, built by the Dockerfile', () => {
    expect(gateways).not.toEqual([]);
    for (const [, { build }] of gateways) {
      if (build) expect(existsSync(join(folder, build.context, build.dockerfile))).toBe(true);
    }
  });

  test.each(services)('%s may do little', (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      mem_limit: expect.any(String),
      pids_limit: expect.any(Number),
    });
    expect(service).not.toHaveProperty('privileged');
    expect(service.user ?? 'node').not.toMatch(/^(?:root|0)\b/);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+(?:-\d+)?:\d+$/);
  });

  test('gateways are set up by variables that exist, with values they take', () => {
    const set = gateways.flatMap(([, { environment }]) => Object.entries(environment ?? {}));
    expect(set.filter(([one]) => !variables.includes(one))).toEqual([]);
    // As compose fills them in where nobody says more.
    const env = Object.fromEntries(
      set.map(([one, value]) => [one, value.replace(/\$\{\w+:-(.*)\}/, '$1')]),
    );
    expect(() => loadConfiguration({ argv: [], env, cwd: '/', mode: 'start' })).not.toThrow();
  });

  test('what is mounted is there, or declared', () => {
    for (const [, { volumes = [], secrets = [] }] of services) {
      for (const [source = ''] of volumes.map((volume) => volume.split(':'))) {
        if (source.startsWith('.')) expect(existsSync(join(folder, source)), source).toBe(true);
        else expect(Object.keys(compose.volumes ?? {})).toContain(source);
      }
      for (const secret of secrets) expect(Object.keys(compose.secrets ?? {})).toContain(secret);
    }
  });
});

test('postern.yaml is one the gateway accepts, its secrets where compose puts them', () => {
  const { file } = parseConfigFile(read('postern.yaml'), 'postern.yaml');
  expect(file.apis.map(({ name }) => name)).toEqual(['chat']);
  expect(read('postern.yaml')).toContain('{ file: /run/secrets/backend_secret }');
});

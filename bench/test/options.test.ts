import { expect, test } from 'vitest';
import { HELP, parseOptions } from '../src/options.mjs';
import { SCENARIOS } from '../src/scenarios.mjs';

test('without options all scenarios but those of telemetry run for five rounds', () => {
  const options = parseOptions([]);
  expect(options).toMatchObject({ rounds: 5, seconds: 2, sockets: 50, json: null, compare: null });
  const names = options.scenarios.map(({ name }) => name);
  expect(names).toEqual(['push', 'push-unsigned', 'message']);
});

test('beside peers what comes, what comes back and another SDK are measured too', () => {
  const names = parseOptions(['peers']).scenarios.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['push', 'push-sdk-v3', 'echo', 'connect-backend']));
  expect(names).toEqual(expect.arrayContaining(['idle-10000', 'idle-50000', 'start']));
  for (const name of ['message-watched', 'connect-disconnect']) expect(names).not.toContain(name);
});

test('a scenario can be chosen, and another one added', () => {
  const chosen = parseOptions(['--scenario', 'message', '--scenario', 'push']).scenarios;
  expect(chosen.map(({ name }) => name)).toEqual(['push', 'message']);
  expect(parseOptions(['--scenario', 'push']).areNamed).toBe(true);
  expect(parseOptions([]).areNamed).toBe(false);
});

test.each([
  [['--rounds', '0'], '--rounds: "0" is not a whole number from 1 to 50'],
  [['--rounds', '1.5'], '--rounds: "1.5" is not a whole number from 1 to 50'],
  [['--seconds', 'long'], '--seconds: "long" is not a number from 0.2 to 60'],
  [['--seconds', '3600'], '--seconds: "3600" is not a number from 0.2 to 60'],
  [['--sockets', ''], '--sockets: "" is not a whole number from 1 to 1000'],
  [['--scenario', 'nothing'], '--scenario: "nothing" is none of push, push-unsigned, '],
  [
    ['peers', '--subject', 'ngnix'],
    '--subject: "ngnix" is none of floor, nchan, pushpin, serverless-offline',
  ],
  [['--subject', 'floor'], '--subject: only beside peers'],
  [['--add', 'one.json'], '--add: only beside peers'],
  [['peers', '--compare', '../other'], '--compare: not beside peers; another Node.js is (--node)'],
  [['guard', '--compare', '../other'], '--compare: guard compares with a commit, its second word'],
])('%j is refused by name', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});

test('beside peers there are fewer, shorter rounds, unless others are asked for', () => {
  expect(parseOptions(['peers'])).toMatchObject({ rounds: 3, seconds: 1.5, add: null });
  const asked = ['peers', '--rounds', '5', '--seconds', '2', '--add', 'earlier.json'];
  expect(parseOptions(asked)).toMatchObject({ rounds: 5, seconds: 2, add: 'earlier.json' });
});

test('what a gateway takes to start and to hold sockets is guarded too', () => {
  const names = parseOptions(['guard']).scenarios.map(({ name }) => name);
  expect(names).toEqual(['push', 'push-unsigned', 'message', 'idle-10000', 'start']);
});

test('what it is measured beside is the first word', () => {
  expect(parseOptions(['--rounds', '2'])).toMatchObject({ against: 'checkouts', rounds: 2 });
  expect(parseOptions(['peers', '--rounds', '2'])).toMatchObject({ against: 'peers', rounds: 2 });
  expect(parseOptions(['guard'])).toMatchObject({ against: 'guard', commit: 'HEAD' });
  const guard = parseOptions(['guard', 'HEAD~3', '--rounds', '2']);
  expect(guard).toMatchObject({ against: 'guard', commit: 'HEAD~3', rounds: 2 });
});

test('another Node.js can be named for the gateway that is compared', () => {
  expect(parseOptions([])).toMatchObject({ compare: null, node: null });
  expect(parseOptions(['--node', 'bin/node'])).toMatchObject({ compare: null, node: 'bin/node' });
});

test('beside peers one can be chosen, and another Node.js added', () => {
  expect(parseOptions(['peers'])).toMatchObject({ peers: [], node: null });
  const options = parseOptions(['peers', '--subject', 'floor', '--node', '26']);
  expect(options).toMatchObject({ peers: ['floor'], node: '26' });
});

test('real-time priority can be declined', () => {
  expect(parseOptions([]).isRealTime).toBe(true);
  expect(parseOptions(['--no-realtime']).isRealTime).toBe(false);
});

test('an unknown option and a stray word are refused', () => {
  expect(() => parseOptions(['--fast'])).toThrow('--fast');
  expect(() => parseOptions(['push'])).toThrow('push');
});

test('the help names every scenario', () => {
  for (const { name } of SCENARIOS) expect(HELP).toContain(name);
});

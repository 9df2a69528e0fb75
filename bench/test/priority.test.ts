import { expect, test } from 'vitest';
import { goAhead, inWords, parseStanding } from '../src/processes/priority.mjs';

const ordinary = { policy: 0, realTime: 0, nice: 0 };

const started = {
  before: ordinary,
  maySchedule: true,
  mayNice: true,
  isRealTime: true,
  share: 95e4,
};

/** A process that changes its standing, where it may. */
function run(options: Partial<typeof started> = {}) {
  const { before, maySchedule, mayNice, isRealTime, share } = { ...started, ...options };
  const commands: string[] = [];
  let now = before;
  const words = goAhead({
    isRealTime,
    standing: () => now,
    share: () => share,
    run: (command, args) => {
      commands.push([command, ...args].join(' '));
      if (maySchedule) now = { policy: 2, realTime: 10, nice: 0 };
      return maySchedule;
    },
    setNice: (nice) => {
      if (!mayNice) throw new Error('EACCES');
      now = { ...now, nice };
    },
  });
  return { commands, words };
}

test('all threads of the bench go before the others, and so does what they start', () => {
  const { commands, words } = run();
  expect(commands).toEqual([`chrt --all-tasks --rr --pid 10 ${process.pid}`]);
  expect(words).toBe('real-time priority (SCHED_RR 10)');
});

test('where real time is declined, refused or without an end, the run is nice -10', () => {
  expect(run({ isRealTime: false })).toEqual({ commands: [], words: 'priority nice -10' });
  expect(run({ share: -1 })).toEqual({ commands: [], words: 'priority nice -10' });
  expect(run({ maySchedule: false }).words).toBe('priority nice -10');
});

test('where neither is allowed the run goes on as it is', () => {
  expect(run({ maySchedule: false, mayNice: false }).words).toBe('ordinary priority');
});

test('a priority that somebody has chosen is kept, and told', () => {
  const nice = run({ before: { ...ordinary, nice: 5 } });
  expect(nice).toEqual({ commands: [], words: 'priority nice 5' });
  const idle = run({ before: { ...ordinary, policy: 5 } });
  expect(idle).toEqual({ commands: [], words: 'priority SCHED_IDLE' });
});

test('a process’s policy is read from behind its name, whatever that is', () => {
  const rest = Array.from({ length: 50 }, (_, index) => String(index + 3));
  expect(parseStanding(`42 (a) b (c) ${rest.join(' ')}`)).toEqual({ realTime: 40, policy: 41 });
});

test('an unknown policy is told by its number', () => {
  expect(inWords({ policy: 7, realTime: 0, nice: 0 })).toBe('priority scheduling policy 7');
});

import { expect, onTestFinished, test, vi } from 'vitest';
import type { LogEntry } from '../src/index.ts';
import { startBackend } from './support/start-backend.ts';

const TOKEN = 'eyJhbGciOi+/=secret';

test('no log shows a token, not even one quoted by the error of a library', async () => {
  const entries: LogEntry[] = [];
  const { backend } = await startBackend({
    log: (entry) => entries.push(entry),
    authenticate: (token) => {
      const url = `https://id.example/check?t=${encodeURIComponent(token ?? '')}`;
      throw new Error(`jwt malformed: ${token} at ${url}`);
    },
  });
  const headers = { connectionId: 'A=' };
  const url = `/ws/connect?token=${encodeURIComponent(TOKEN)}`;
  await backend.handle({ method: 'POST', url, headers });
  const body = JSON.stringify({ token: TOKEN });
  await backend.handle({ method: 'POST', url: '/ws/message', headers, body });
  expect(entries).toHaveLength(2);
  for (const { level, error } of entries) {
    expect(level).toBe('error');
    expect(error).toContain('jwt malformed: [token] at https://id.example/check?t=[token]');
    expect(error).not.toContain('secret');
  }
});

test('refused and accepted connections are logged with their ids', async () => {
  const entries: LogEntry[] = [];
  const { connect } = await startBackend({
    log: (entry) => entries.push(entry),
    authenticate: (token) => (token === 'ada' ? 'ada' : null),
  });
  await connect('A=', 'ada');
  await connect('B=', 'eve');
  expect(entries).toEqual([
    { level: 'info', event: 'connected', connectionId: 'A=', userId: 'ada' },
    { level: 'warn', event: 'connect refused: token not accepted', connectionId: 'B=' },
  ]);
});

test('without a log, warnings and errors go to standard error, one line and the stack', async () => {
  const lines: string[] = [];
  const spy = vi.spyOn(console, 'error').mockImplementation((line) => void lines.push(line));
  onTestFinished(() => spy.mockRestore());
  const { connect } = await startBackend({
    log: undefined,
    authenticate: (token) => {
      if (token === 'broken') throw new Error('database down');
      return token === 'ada' ? 'ada' : null;
    },
  });
  await connect('A=', 'ada');
  await connect('B=', 'eve');
  await connect('C=', 'broken');
  expect(lines).toHaveLength(2);
  expect(lines[0]).toBe('postern backend: connect refused: token not accepted connection B=');
  expect(lines[1]).toMatch(/^postern backend: POST \/ws\/connect failed\nError: database down\n/);
});

import type { Readable } from 'node:stream';

/**
 * Hands on what a process prints, in whole lines, so that lines of several are not mixed. As many at once as
 * have come: a busy worker's log is thousands of lines a second, and one by one they would cost the
 * supervisor more than a push costs the worker.
 *
 * @param say gets one line or more, each with its line feed; the last one too, when the stream ends
 */
export function forwardLines(stream: Readable, say: (lines: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) say(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  });
  stream.on('end', () => {
    if (rest !== '') say(`${rest}\n`);
  });
}

import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { OUTPUT_MARK, readOutputLines } from '../../../src/backends/lambda/local/output-lines.ts';
import { startFunctions, type TestFunctions } from './support/functions.ts';

let functions: TestFunctions | undefined;
afterEach(async () => {
  await functions?.stop();
  functions = undefined;
});

const limits = { outputLineCharactersMax: 10, outputCharactersPerCallMax: 40 };

/** Lines as `id: line`, of a stream given these chunks. */
async function linesOf(...chunks: string[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  readOutputLines(stream, {
    limits,
    currentRequestId: () => undefined,
    onLine: (requestId, line) => lines.push(`${requestId ?? '-'}: ${line}`),
  });
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await new Promise((resolve) => stream.on('end', resolve));
  return lines;
}

test('lines are cut out of whatever chunks come, and belong to the call that began before them', async () => {
  expect(
    await linesOf(
      'sta',
      'rt\n',
      `${OUTPUT_MARK}a\none\r\n`,
      `\ntw`,
      `o\n${OUTPUT_MARK}`,
      'b\nthree',
    ),
  ).toEqual(['-: start', 'a: one', 'a: ', 'a: two', 'b: three']);
});

test('a line that was never ended is ended by the next call', async () => {
  expect(await linesOf(`${OUTPUT_MARK}a\nprompt> ${OUTPUT_MARK}b\nx\n`)).toEqual([
    'a: prompt> ',
    'b: x',
  ]);
});

test('long lines are cut, and much output of one call is cut off, the next not', async () => {
  expect(await linesOf(`${OUTPUT_MARK}a\n${'x'.repeat(25)}`)).toEqual([
    'a: xxxxxxxxxx',
    'a: xxxxxxxxxx',
    'a: xxxxx',
  ]);
  const noisy = Array.from({ length: 100 }, (_, line) => `line ${line}\n`).join('');
  const lines = await linesOf(`${OUTPUT_MARK}a\n`, noisy, `${OUTPUT_MARK}b\nheard\n`);
  expect(lines).toEqual([
    'a: line 0',
    'a: line 1',
    'a: line 2',
    'a: line 3',
    'a: line 4',
    'a: line 5',
    'a: (more than 40 characters: not shown)',
    'b: heard',
  ]);
});

test.each([
  [
    'console',
    'index.handler',
    `console.log('starting');
    export const handler = async ({ text }) => { console.log(text); console.error('second\\nthird'); };`,
  ],
  [
    'print',
    'index.handler',
    `import sys
print("starting")
def handler(event, context):
    print(event["text"])
    print("second\\nthird", file=sys.stderr)`,
  ],
])('%s is shown line by line with the request id', async (name, handler, text) => {
  functions = await startFunctions({
    files: { [name === 'print' ? 'index.py' : 'index.mjs']: text },
    functions: { chat: { handler } },
  });
  const a = 'aaaaaaaa-0000-4000-8000-000000000000';
  const b = 'bbbbbbbb-0000-4000-8000-000000000000';
  await functions.invoke('chat', { text: 'ä' }, { requestId: a });
  await functions.invoke('chat', { text: 'b' }, { requestId: b });
  const lines: string[] = [];
  while (lines.length < 7) {
    const { functionName, requestId, line } = await functions.output.next();
    lines.push(`${functionName} ${requestId?.[0] ?? '-'} ${line}`);
  }
  // Two streams: their order among each other is not known.
  expect(lines.sort()).toEqual(
    ['- starting', 'a second', 'a third', 'a ä', 'b b', 'b second', 'b third'].map(
      (line) => `chat ${line}`,
    ),
  );
});

test("Python's logging writes as on AWS", async () => {
  functions = await startFunctions({
    files: {
      'app.py': `import logging
logger = logging.getLogger()
logger.setLevel(logging.INFO)
def handler(event, context):
    logger.info("hello %s", "world")
    logging.getLogger("mine").debug("not shown")`,
    },
    functions: { chat: { handler: 'app.handler' } },
  });
  const { requestId } = await functions.invoke('chat');
  const { line } = await functions.output.next();
  expect(line).toMatch(
    /^\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t[0-9a-f-]{36}\thello world$/,
  );
  expect(line).toContain(requestId);
});

test('an error of the handler is shown with its trace', async () => {
  functions = await startFunctions({
    files: {
      'index.mjs': 'export const handler = async () => { throw new TypeError("broken"); };',
      'app.py': 'def handler(event, context): raise TypeError("broken")',
    },
    functions: { js: { handler: 'index.handler' }, py: { handler: 'app.handler' } },
  });
  await functions.invoke('js');
  expect((await functions.output.next()).line).toContain('Invoke Error TypeError: broken');
  while (functions.output.size > 0) await functions.output.next();
  await functions.invoke('py');
  let line = '';
  while (!line.startsWith('[ERROR]')) ({ line } = await functions.output.next());
  expect(line).toBe('[ERROR] TypeError: broken');
  expect((await functions.output.next()).line).toBe('Traceback (most recent call last):');
});

test('without a taker the output is in the log', async () => {
  functions = await startFunctions({
    files: { 'index.mjs': 'export const handler = async () => console.log("hello");' },
    functions: { chat: { handler: 'index.handler' } },
    printsToLog: true,
  });
  await functions.invoke('chat');
  expect(await functions.infos.next()).toBe('hello');
});

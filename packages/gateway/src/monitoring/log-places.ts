/** How lines are written to each kind of place. */
import { appendFile, open } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { makeFolder } from '../ambient/make-folder.ts';
import type { HttpCaller } from '../backends/http-caller.ts';
import type { Deliver, LogLine } from './log-lines.ts';

/** As `aws logs tail` shows it; a row of an access log is the format's own. */
const inFile = ({ kind, at, text }: LogLine) =>
  kind === 'access' ? `${text}\n` : `${isoTime(at)} ${text}\n`;

let formattedAt = Number.NaN;
let formatted = '';

/** Lines of one event have one time, and events come in crowds. */
function isoTime(at: number): string {
  if (at !== formattedAt) {
    formatted = new Date(at).toISOString();
    formattedAt = at;
  }
  return formatted;
}

/** Between lines of others, an execution log's line says whose it is. */
const onStdout = ({ kind, group, text }: LogLine) =>
  kind === 'access' ? `${text}\n` : `${group} ${text}\n`;

export function toStdout(write: (text: string) => void): Deliver {
  return async (lines) => write(lines.map(onStdout).join(''));
}

/**
 * A file for each group: `/aws/apigateway/a1b2c3d4e5/prod` is `aws/apigateway/a1b2c3d4e5/prod.log`. Files
 * are opened anew for each batch, so one that was moved away is begun again: rotation needs no signal. What a
 * full disk has cut short, in this run or in an earlier one, stays a line of its own.
 */
export function toFolder(folder: string): Deliver {
  const whole = new Set<string>();
  return async (lines) => {
    const groups = new Map<string, string>();
    for (const line of lines) groups.set(line.group, (groups.get(line.group) ?? '') + inFile(line));
    for (const [group, text] of groups) {
      const path = pathOf(folder, group);
      makeFolder(dirname(path));
      const isCutShort = !whole.delete(path) && (await endsWithinLine(path));
      await appendFile(path, isCutShort ? `\n${text}` : text);
      whole.add(path);
    }
  };
}

async function endsWithinLine(path: string): Promise<boolean> {
  const file = await open(path, 'a+');
  try {
    const { size } = await file.stat();
    if (size === 0) return false;
    const { buffer } = await file.read({ buffer: Buffer.alloc(1), position: size - 1 });
    return buffer.toString() !== '\n';
  } finally {
    await file.close();
  }
}

/** Rejects a name that leads out of the folder; the control plane refuses most of them before. */
function pathOf(folder: string, group: string): string {
  const name = group.endsWith('.log') ? group : `${group}.log`;
  const path = join(resolve(folder), name);
  if (path.startsWith(resolve(folder) + sep)) return path;
  throw new Error(`the log ${group} is not below ${folder}`);
}

/** What a collector may take to answer. */
const TIMEOUT_MILLIS = 10_000;

const basic = (credentials: Buffer) => `Basic ${credentials.toString('base64')}`;

/** A POST of JSON lines, `{"logGroup":…,"timestamp":…,"message":…}`: what collectors read. */
export function toUrl(http: Pick<HttpCaller, 'call'>, url: string): Deliver {
  const { origin, pathname, search, username, password } = new URL(url);
  const credentials = Buffer.from(
    `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
  );
  const authorization = username === '' ? [] : ['Authorization', basic(credentials)];
  return async (lines) => {
    const objects = lines.map(({ group, at, text }) =>
      JSON.stringify({ logGroup: group, timestamp: at, message: text }),
    );
    const { status } = await http.call({
      origin,
      path: pathname + search,
      method: 'POST',
      headers: [...authorization, 'Content-Type', 'application/x-ndjson', 'User-Agent', 'Postern'],
      body: Buffer.from(`${objects.join('\n')}\n`),
      timeoutMillis: TIMEOUT_MILLIS,
      wantsBody: false,
    });
    if (status >= 300) throw new Error(`${origin} answered ${status}`);
  };
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const jars = [
  'json-path',
  'json-smart',
  'accessors-smart',
  'asm',
  'slf4j-api',
  'slf4j-nop',
  'velocity',
  'commons-collections3',
  'commons-lang',
].map((name) => `/usr/share/java/${name}.jar`);

/** Compiles `{name}.java` beside this file, feeds it one case per line, returns its answers. */
export function askJava(name, cases) {
  const classes = mkdtempSync(join(tmpdir(), 'oracle-'));
  try {
    const classPath = [...jars, classes].join(':');
    const source = join(import.meta.dirname, `${name}.java`);
    execFileSync('javac', ['-nowarn', '-cp', classPath, '-d', classes, source]);
    const input = cases.map((each) => `${JSON.stringify(each)}\n`).join('');
    const options = { input, encoding: 'utf8', maxBuffer: 1 << 28 };
    const output = execFileSync('java', ['-Xss4m', '-cp', classPath, name], options);
    const answers = output.trimEnd().split('\n');
    if (answers.length !== cases.length) {
      throw new Error(`${cases.length} cases, ${answers.length} answers`);
    }
    return answers.map((line) => JSON.parse(line));
  } finally {
    rmSync(classes, { recursive: true, force: true });
  }
}

/** Writes cases with their answers, one per line, so that a change is a readable diff. */
export function writeFixture(path, entries) {
  const lines = entries.map((entry) => JSON.stringify(entry));
  writeFileSync(join(import.meta.dirname, '..', path), `[\n${lines.join(',\n')}\n]\n`);
  console.log(`${path}: ${entries.length} cases`);
}

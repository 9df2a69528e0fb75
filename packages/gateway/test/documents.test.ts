import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { parseConfigFile } from '../src/server/config-file.ts';
import { closes } from '../src/wire/close-codes.ts';
import { errorMessages } from '../src/wire/error-frame.ts';
import { exceptionStatus } from '../src/wire/exceptions.ts';
import { ruleOf, rules } from '../src/wire/rules.ts';

const root = join(import.meta.dirname, '../../..');
const source = join(root, 'packages/gateway/src');
const NOT_OURS = new Set(['node_modules', 'dist', 'fixtures', 'results', '.git', '.postern']);

const pages = pagesIn(root);
const errorsPage = readFileSync(join(root, 'docs/errors.md'), 'utf8');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const sourceFiles = filesIn(root).filter((file) => file.endsWith('.ts'));
const ruleNames = Object.keys(rules) as (keyof typeof rules)[];
/** All of the gateway but the tables themselves. */
const gatewayCode = readSource();

test.each(pages.map((page) => [relative(root, page), page]))(
  'the links of %s lead somewhere',
  (_, page) => {
    expect(linksOf(page).filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  },
);

test('docs/README.md leads to every page below docs', () => {
  const index = join(root, 'docs/README.md');
  const targets = linksOf(index).map((link) => join(dirname(index), link.split('#')[0]!));
  const others = pagesIn(join(root, 'docs')).filter((page) => page !== index);
  expect(others.filter((page) => !targets.includes(page))).toEqual([]);
});

test.each(pages.map((page) => [relative(root, page), page]))(
  'the source files that %s names are there',
  (_, page) => {
    const names = [...proseOf(page).matchAll(/`([\w./-]+\.ts)`/g)].map(([, name]) => name!);
    const isThere = (name: string) => sourceFiles.some((file) => file.endsWith(`/${name}`));
    expect(names.filter((name) => !isThere(name))).toEqual([]);
  },
);

test.each(configurations())('the postern.yaml of %s is one the gateway accepts', (_, yaml) => {
  expect(() => parseConfigFile(yaml, 'postern.yaml')).not.toThrow();
});

test('docs/errors.md lists every exception with its status', () => {
  expect(tableUnder('Exceptions').map(([name, status]) => [unquote(name), Number(status)])).toEqual(
    Object.entries(exceptionStatus),
  );
});

test('docs/errors.md lists every close code with its reason', () => {
  expect(
    tableUnder('Close codes').map(([code, reason]) => ({
      code: Number(code),
      reason: unquote(reason),
    })),
  ).toEqual(Object.values(closes).sort((one, other) => one.code - other.code));
});

test('docs/errors.md lists every error frame', () => {
  expect(tableUnder('Error frames').map(([message]) => unquote(message))).toEqual(
    Object.values(errorMessages),
  );
});

test('docs/errors.md lists every rule with its sentence', () => {
  expect(
    tableUnder('Rules').map(([name, says, responseType]) => [unquote(name), says, responseType]),
  ).toEqual(ruleNames.map((name) => [name, ruleOf(name).says, ruleOf(name).responseType ?? '']));
});

test('every rule is one that the gateway applies', () => {
  const exceptions = readFileSync(join(source, 'wire/exceptions.ts'), 'utf8');
  const code = gatewayCode + exceptions;
  expect(ruleNames.filter((name) => !code.includes(`'${name}'`))).toEqual([]);
});

test('docs/errors.md has a dash exactly where the gateway never answers it', () => {
  const dashed = (heading: string) =>
    tableUnder(heading).flatMap((cells) => (cells.at(-1) === '–' ? [unquote(cells[0])] : []));
  const isSilent = (word: string) => !new RegExp(`${word}(?!\\w)`).test(gatewayCode);
  const isUnpacked = (name: string) =>
    new RegExp(`{[^{}]*\\b${name}\\b[^{}]*} = errorMessages`).test(gatewayCode);
  expect(dashed('Exceptions')).toEqual(
    Object.keys(exceptionStatus).filter((name) => isSilent(`'${name}'`)),
  );
  expect(dashed('Error frames')).toEqual(
    Object.entries(errorMessages).flatMap(([name, message]) =>
      isSilent(`errorMessages\\.${name}`) && !isUnpacked(name) ? [message] : [],
    ),
  );
});

test('docs/architecture.md has a row for every folder of the gateway', () => {
  const architecture = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const rows = [...architecture.matchAll(/^\|.*\| \[`([\w-]+)\/`\]\(.+\/\1\/README\.md\) \|/gm)];
  const entries = readdirSync(source, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(rows.map(([, folder]) => folder!).sort()).toEqual(folders.sort());
});

test('docs/decisions.md and README.md say why of every package the gateway imports', () => {
  const decisions = readFileSync(join(root, 'docs/decisions.md'), 'utf8');
  const imported = [
    ...gatewayCode.matchAll(/(?:from|import\() ?'((?:@[\w-]+\/)?[a-z][\w-]*)[^':]*'/g),
  ];
  const packages = [...new Set(imported.map(([, name]) => name!))];
  expect(packages).not.toEqual([]);
  expect(packages.filter((name) => !decisions.includes(`\n**\`${name}\`**`))).toEqual([]);
  expect(packages.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
});

/** Blocks of YAML that begin as a postern.yaml does: page and number, text. */
function configurations(): [string, string][] {
  return pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/^```yaml\n(.*?)^```/gms)]
      .map(([, yaml], at): [string, string] => [`${relative(root, page)} (${at + 1})`, yaml!])
      .filter(([, yaml]) => /^(?:apis|functions|services|users|port):/.test(yaml)),
  );
}

/** Rows of the table below a heading, head and rule left out. */
function tableUnder(heading: string): string[][] {
  const section = errorsPage.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

function unquote(cell = ''): string {
  return cell.replaceAll('`', '');
}

function pagesIn(folder: string): string[] {
  return filesIn(folder).filter((file) => file.endsWith('.md'));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : [path];
  });
}

/** Targets of links, without those to other hosts and without what only looks like a link in code. */
function linksOf(page: string): string[] {
  const prose = proseOf(page).replace(/`[^`\n]*`/g, '`');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return targets.filter((target) => !/^[a-z]+:/.test(target));
}

/** The page without its blocks of code. */
function proseOf(page: string): string {
  return readFileSync(page, 'utf8').replace(/^```.*?^```/gms, '');
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

/** Headings as GitHub makes anchors of them. */
function anchorsOf(page: string): string[] {
  const headings = [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, text]) => text!);
  return headings.map((text) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

function readSource(): string {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('wire/'))
    .map((file) => readFileSync(join(source, file), 'utf8'))
    .join('\n');
}

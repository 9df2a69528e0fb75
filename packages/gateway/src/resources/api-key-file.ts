/**
 * API keys as a file of comma-separated values (developer guide, "API Gateway API key file format"):
 * columns by name in any order and case, `Name` and `Key` at least, values in single or double quotes.
 */
import { badRequest } from './problems.ts';

export interface ApiKeyRow {
  /** Of the file, counted from 1. */
  readonly line: number;
  readonly name: string;
  readonly value: string;
  readonly description: string;
  readonly enabled: boolean;
  readonly usagePlanIds: readonly string[];
}

/** Reads a file. Throws a `BadRequestException` when it has not the columns it needs. */
export function readApiKeyFile(text: string): ApiKeyRow[] {
  const [header = '', ...lines] = text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/);
  const columns = readLine(header).map((name) => name.toLowerCase());
  if (!columns.includes('name') || !columns.includes('key')) {
    throw badRequest('Invalid API key file specified. It must contain the Name and Key columns');
  }
  return lines.flatMap((line, at) => {
    if (line.trim() === '') return [];
    const values = readLine(line);
    const cell = (name: string) => values[columns.indexOf(name)] ?? '';
    return [
      {
        line: at + 2,
        name: cell('name'),
        value: cell('key'),
        description: cell('description'),
        enabled: cell('enabled').toLowerCase() !== 'false',
        usagePlanIds: cell('usageplanids')
          .split(',')
          .map((id) => id.trim())
          .filter((id) => id !== ''),
      },
    ];
  });
}

/** A quoted value, in which a doubled quote is one, or anything else up to the next comma. */
const VALUE = /\s*(?:"([^"]*(?:""[^"]*)*)"|'([^']*(?:''[^']*)*)'|((?!["'\s])[^,]*))\s*(?:,|$)/y;

function readLine(line: string): string[] {
  const values: string[] = [];
  VALUE.lastIndex = 0;
  while (VALUE.lastIndex < line.length) {
    const match = VALUE.exec(line);
    if (!match) {
      throw badRequest('Invalid API key file specified. A quoted value is followed by more text');
    }
    const [whole, double, single, plain = ''] = match;
    values.push(double?.replaceAll('""', '"') ?? single?.replaceAll("''", "'") ?? plain.trim());
    if (!whole.endsWith(',')) break;
  }
  return values;
}

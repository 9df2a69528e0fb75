import { CST, Lexer } from 'yaml';

/**
 * Where a YAML text becomes nested deeper than `levelsMax`, roughly counted; `undefined` when it does not.
 * The lexer reads on and on without calling itself, unlike the parser, so any text may be asked about.
 */
export function offsetOfDepth(text: string, levelsMax: number): number | undefined {
  /** Columns at which collections in block style are open, each further right than the one before. */
  const columns: number[] = [];
  let brackets = 0;
  let offset = 0;
  let lineStart = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const type = CST.tokenType(lexeme);
    if (type === 'doc-mode' || type === 'scalar' || type === 'flow-error-end') continue;
    if (type === 'flow-seq-start' || type === 'flow-map-start') brackets += 1;
    else if (type === 'flow-seq-end' || type === 'flow-map-end')
      brackets = Math.max(0, brackets - 1);
    else if (brackets === 0 && type !== 'space' && type !== 'newline' && type !== 'comment') {
      openColumn(columns, offset - lineStart);
    }
    if (columns.length + brackets > levelsMax) return offset;
    offset += lexeme.length;
    const lineEnd = lexeme.lastIndexOf('\n');
    if (lineEnd >= 0) lineStart = offset - (lexeme.length - lineEnd - 1);
  }
  return undefined;
}

function openColumn(columns: number[], column: number): void {
  while (columns.length > 0 && columns.at(-1)! > column) columns.pop();
  if (columns.at(-1) !== column) columns.push(column);
}

/**
 * The format of an access log: any text in which `$context.…` stands for what is known of the event
 * (developer guide, "Set up access logging"). Nothing else is replaced and nothing is evaluated.
 */
export interface ContextFormat {
  /** One line, whatever the values hold. `read` gives the value of a path such as `identity.sourceIp`. */
  render(read: (path: string) => string | undefined): string;
}

/** A name of `authorizer` may hold hyphens; elsewhere a hyphen is the format's own. */
const VARIABLE = /\$context\.(authorizer\.[\w-]*\w|\w+(?:\.\w+)*)/g;

export function compileContextFormat(format: string): ContextFormat {
  const text = format.replace(/[\r\n]+/g, ' ');
  const escaped = text.trimStart().startsWith('<') ? inXml : inQuotes;
  const parts: { readonly literal: string; readonly path?: string }[] = [];
  let end = 0;
  for (const match of text.matchAll(VARIABLE)) {
    parts.push({ literal: text.slice(end, match.index), path: match[1]! });
    end = match.index + match[0].length;
  }
  const rest = text.slice(end);
  return {
    render: (read) =>
      parts.map(({ literal, path }) => literal + shownValue(path!, read, escaped)).join('') + rest,
  };
}

function shownValue(
  path: string,
  read: (path: string) => string | undefined,
  escaped: (text: string) => string,
): string {
  const value = read(path);
  if (value === undefined || value === '') return '-';
  // This one brings its own quotes.
  return path === 'error.messageString' ? value : escaped(value);
}

/** What JSON has to escape; most values have nothing of it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const ESCAPED = /["\\\u0000-\u001f\ud800-\udfff]/;

/** As it may stand between quotes, in JSON and in a web server's log. */
const inQuotes = (text: string) => (ESCAPED.test(text) ? JSON.stringify(text).slice(1, -1) : text);

const ENTITIES: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  '"': '&quot;',
};

const inXml = (text: string) =>
  text.replace(/[<>&"]/g, (character) => ENTITIES[character]!).replace(/\p{Cc}/gu, ' ');

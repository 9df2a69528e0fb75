import { useState } from 'preact/hooks';

export function Copy({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [isCopied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard?.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <button type="button" class="button quiet copy" onClick={copy} aria-live="polite">
      {isCopied ? 'Copied' : label}
    </button>
  );
}

export interface CodeProps {
  readonly text: string;
  /** Scrolls soon. */
  readonly isShort?: boolean;
  /** Breaks long lines, for what is read and not taken along. */
  readonly wraps?: boolean;
}

export function Code({ text, isShort = false, wraps = false }: CodeProps) {
  return (
    <div class={`code${isShort ? ' short' : ''}${wraps ? ' wraps' : ''}`}>
      {/* A long text scrolls, also by the keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable */}
      <pre tabIndex={0}>{text}</pre>
      <Copy text={text} />
    </div>
  );
}

/** JSON with line breaks; anything else as it is. */
export function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Hands the reader a file. */
export function download(name: string, text: string, type: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

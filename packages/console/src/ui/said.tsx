import { signal } from '@preact/signals';

interface Sentence {
  readonly id: number;
  readonly text: string;
  readonly isBad: boolean;
}

const sentences = signal<readonly Sentence[]>([]);
let lastId = 0;

/** Tells the reader what was just done, for a few seconds. */
export function say(text: string, isBad = false): void {
  lastId += 1;
  const sentence = { id: lastId, text, isBad };
  sentences.value = [...sentences.value.slice(-2), sentence];
  const end = () => {
    sentences.value = sentences.value.filter((one) => one !== sentence);
  };
  setTimeout(end, isBad ? 8000 : 4000);
}

export function Said() {
  return (
    <div class="said" role="status" aria-live="polite">
      {sentences.value.map(({ id, text, isBad }) => (
        <p key={id} class={isBad ? 'bad' : ''}>
          {text}
        </p>
      ))}
    </div>
  );
}

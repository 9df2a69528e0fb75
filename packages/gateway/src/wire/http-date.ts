let knownSecond = -1;
let text = '';

/** The value of `date`, of an epoch in milliseconds. Remembers the last second: answers come in crowds. */
export function httpDate(epochMillis: number): string {
  const second = Math.floor(epochMillis / 1000);
  if (second !== knownSecond) {
    knownSecond = second;
    text = new Date(second * 1000).toUTCString();
  }
  return text;
}

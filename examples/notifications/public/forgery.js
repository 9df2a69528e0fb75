import { connect } from '/client/index.js';
import { byId } from './dom.js';

const forgedToken = 'eyJuYW1lIjoiTWFsbG9yeSJ9.Zm9yZ2Vk';

let client;

/** Shows what a page learns when the backend refuses its token: nothing but the close code 1006. */
export function prepareForgery({ webSocketUrl }) {
  byId('forge').addEventListener('click', () => {
    stopForgery();
    say('Connecting with a token signed by nobody …');
    client = connect({ url: webSocketUrl, token: forgedToken, reconnectDelayMs: 1000 });
    client.onError(() => {});
    let refusals = 0;
    client.onStateChange((state, { delayMs, code }) => {
      refusals += state === 'waiting' || state === 'stopped' ? 1 : 0;
      if (state === 'waiting') {
        const seconds = (delayMs / 1000).toFixed(1);
        say(`Refusal ${refusals} (close code ${code}). Trying again in ${seconds} s …`);
      }
      if (state === 'stopped') {
        say(
          `Refused ${refusals} times, and never connected: the client gives up, and an app would ` +
            'sign the user out. The backend answered 401 to $connect, so no socket ever existed; ' +
            `the browser tells a page only the close code ${code}.`,
        );
      }
    });
  });
}

export function stopForgery() {
  client?.close();
  client = undefined;
}

function say(sentence) {
  byId('outcome').textContent = sentence;
  byId('outcome').hidden = false;
}

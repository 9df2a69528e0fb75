/** Compares the ledger's sides: what was promised against what arrived. */

/**
 * @typedef {object} Verdict
 * @property {Record<string, number>} connections
 * @property {Record<string, number>} disconnects
 * @property {Record<string, number>} pushes
 * @property {Record<string, number>} messages
 * @property {boolean} mayBeEarly whether clients may have been given up while they were still connected
 * @property {string[]} early ends that were told while the client was still connected, in words
 * @property {string[]} lost every promise that was not kept, in words; empty when all were
 * @property {string[]} unmarked ends that were told as new more than once, in words
 */

const EXAMPLES_MAX = 5;

/**
 * @param {import('./ledger.mjs').Ledger} ledger
 * @returns {Verdict}
 */
export function judge(ledger) {
  const rows = [...ledger.connections.values()];
  const opened = rows.filter(({ openedAt }) => openedAt !== undefined);
  const asked = rows.filter(({ connectionId }) => connectionId !== undefined);
  const taken = (/** @type {import('./ledger.mjs').ConnectionRow} */ row) =>
    row.told.filter(({ isTaken }) => isTaken).length;
  // A $connect that its client gives up before the backend has read it leaves an end that is told all the same.
  const strangers = ledger.strangers.size;
  const isExplained = strangers <= rows.length - asked.length;
  const untold = opened.filter((row) => taken(row) === 0);
  const tooEarly = opened.filter(({ told, closedAt = Number.POSITIVE_INFINITY }) =>
    told.some(
      ({ at, code }) => at < closedAt - (code === GOING_AWAY ? GOODBYE_MILLIS : EARLY_MILLIS),
    ),
  );
  const twice = rows.filter((row) => taken(row) > 1);
  const unmarked = twice.filter(({ told }) => told.filter(({ isRetry }) => !isRetry).length > 1);
  const pushes = [...ledger.pushes.values()];
  const accepted = pushes.filter(({ status }) => status === 200);
  const unseen = accepted.filter(({ hasArrived }) => !hasArrived);
  const isDeaf = (/** @type {{ key: string }} */ { key }) => ledger.connections.get(key)?.isDeaf;
  const lostPushes = unseen.filter((push) => !isDeaf(push));
  const messages = [...ledger.messages.values()];
  const answered = messages.filter(({ isAnswered }) => isAnswered);
  const lostMessages = answered.filter(({ isSeen }) => !isSeen);
  /** @param {import('./ledger.mjs').ConnectionRow} row */
  const story = ({ key, node, openedAt, closedAt, closeCode, told }) =>
    JSON.stringify({ key, node, openedAt, closedAt, closeCode, told });
  return {
    connections: {
      dialled: rows.length,
      opened: opened.length,
      'closed by the gateway, 1001': opened.filter(({ closeCode }) => closeCode === 1001).length,
      'cut off, 1006': opened.filter(({ closeCode }) => closeCode === 1006).length,
    },
    disconnects: {
      'owed (the client saw the 101)': opened.length,
      told: opened.length - untold.length,
      'told though the client was never let in': asked.filter(
        (row) => row.openedAt === undefined && taken(row) > 0,
      ).length,
      'told of one that the backend was never asked about': strangers,
      'told twice': twice.length,
      'told twice and not marked as a retry': unmarked.length,
      'told while the client was still connected': tooEarly.length,
      lost: untold.length,
    },
    pushes: {
      made: pushes.length,
      ...byStatus(pushes),
      'answered 200 and arrived': accepted.length - unseen.length,
      'answered 200 and not read from a broken connection': unseen.length - lostPushes.length,
      'answered 200 and lost': lostPushes.length,
      'not answered 200 and arrived all the same': pushes.filter(
        ({ status, hasArrived }) => status !== 200 && hasArrived,
      ).length,
    },
    messages: {
      sent: messages.length,
      answered: answered.length,
      'answered and never seen by the backend': lostMessages.length,
      'unanswered when the connection ended': messages.length - answered.length,
    },
    mayBeEarly: ledger.mayBeEarly,
    lost: [
      ...some(untold, 'a $disconnect', story),
      ...some(lostPushes, 'a push answered 200', ({ key, at }) => `at ${at} ms, ${key}`),
      ...some(lostMessages, 'a message that was answered', ({ key }) => key),
      ...some(isExplained ? [] : [...ledger.strangers.keys()], 'nobody dialled', (id) => id),
      ...some(ledger.faults, 'fault', (fault) => fault),
    ],
    early: some(tooEarly, 'a $disconnect that was told early', story),
    unmarked: some(unmarked, 'a $disconnect that was told as new again', story),
  };
}

/** The backend may hear of an end before the client does, by so much. */
const EARLY_MILLIS = 1000;
/** Whom the gateway itself says goodbye, hears it when the backend does; closing takes a few more turns of both. */
const GOING_AWAY = 1001;
const GOODBYE_MILLIS = 20_000;

/** @param {readonly { status: number }[]} pushes */
function byStatus(pushes) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { status } of pushes) {
    const name = status === 0 ? 'without an answer' : `answered ${status}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(counts).sort());
}

/**
 * @template Row
 * @param {readonly Row[]} rows
 * @param {string} what
 * @param {(row: Row) => string} describe
 */
function some(rows, what, describe) {
  const shown = rows.slice(0, EXAMPLES_MAX).map((row) => `${what}: ${describe(row)}`);
  const more = rows.length - shown.length;
  return more > 0 ? [...shown, `… and ${more} more of this kind`] : shown;
}

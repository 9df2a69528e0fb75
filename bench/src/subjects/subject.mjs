/**
 * Whatever can be measured: a checkout's gateway, or a peer that does a part of what it does.
 *
 * @typedef {object} Subject
 * @property {string} label
 * @property {string | null} folder of a checkout
 * @property {string} about what it is, in words
 * @property {() => string} version
 * @property {Readonly<Record<string, string>>} programs that must be there, and the Debian packages they come in
 * @property {string} [packages] a folder of bench/peers whose npm packages it needs
 * @property {boolean} [isOurs] whether its errors make the run fail; a peer's are told and no more
 * @property {readonly import('../scenarios.mjs').Scenario['kind'][]} kinds what it can do
 * @property {(parts: { scenario: import('../scenarios.mjs').Scenario, backendPort: number }) =>
 *   Promise<Started>} start
 */

/**
 * @typedef {object} Started
 * @property {Server} server
 * @property {string} host
 * @property {number} port where WebSocket clients connect
 * @property {Talk} talk
 * @property {readonly number[]} [ports] of a fleet: clients and pushes are spread evenly over them
 * @property {() => Promise<number>} [lagMillis] by how much the server's event loop was late at most since it
 *   was last asked
 * @property {import('../profile/profiler.mjs').Profiler | null} [profiler] where a profile of its load is wanted
 */

/**
 * @typedef {object} Server its main process
 * @property {number} pid
 * @property {string} output the end of what it printed
 * @property {number} readyMillis from its start
 * @property {boolean} endedEarly
 * @property {() => Promise<void>} stop
 * @property {readonly number[]} [pids] of a fleet, the first process of each node
 * @property {number | undefined} [besidePid] of a process whose CPU time is shown beside it
 */

/**
 * @typedef {object} Talk how it is spoken with
 * @property {string} socketPath `{n}` stands for the socket's number
 * @property {string} pushPath `{id}` stands for the connectionId, or the socket's number
 * @property {{ socketPath: string, path: string }} [toMany] where clients connect that one push reaches
 *   together, and where it goes
 * @property {number | null} pushPort null: the same as the sockets'
 * @property {'raw' | 'grip'} pushBody
 * @property {string} success how the head of a good answer to a push begins
 * @property {boolean} [closesAfterPush] whether its answer to a push ends the connection
 * @property {boolean} tellsIds whether its backend learns a connectionId of every socket
 * @property {boolean} [sendsBinary] whether a push of bytes becomes a binary frame, which on AWS is always text
 * @property {boolean} verifies whether it looks at signatures at all
 */

export {};

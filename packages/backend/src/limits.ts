/** The numbers of this package. Those of the gateway are Amazon API Gateway's quotas. */
export const limits = Object.freeze({
  /** One message or push, in either direction. */
  messageBytesMax: 128 * 1024,
  /** What is read and thrown away of a body past that, so that the sender still gets its 413. */
  discardedBytesMax: 1024 * 1024,
  connectionIdCharactersMax: 128,
  /** One attempt at a management call, from the first byte sent to the last received. */
  pushTimeoutMillis: 5000,
  /** What a message to all may take beyond that: for so long Postern waits for nodes that are silent. */
  pushToAllMillis: 5000,
  /** Attempts at one management call, the first included. */
  pushAttemptsMax: 3,
  backoffBaseMillis: 100,
  backoffMillisMax: 2000,
  /** Pushes of one `pushToUsers` or `sweepStale` under way at once. */
  pushConcurrency: 32,
  /** Sockets kept to the gateway. Further calls wait for one. */
  socketsMax: 64,
  /** Shorter than the idle limit of the usual load balancers, which close earlier otherwise. */
  socketIdleMillis: 20_000,
  /** How much of an error answer is read. */
  answerBytesMax: 64 * 1024,
  /** A connection younger than this may still be inside its handshake, where AWS answers 410. */
  connectGraceMillis: 2000,
  connectGraceRetryMillis: 250,
  /** Records of one page of `connections()`. */
  pageRecordsMax: 1000,
});

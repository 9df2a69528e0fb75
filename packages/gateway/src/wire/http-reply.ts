/** A whole HTTP answer of one of the gateway's doors, ready to be written. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The headers as they stand behind a status line, for those that answer so often that it counts. */
  readonly lines?: string;
}

/** An answer that is not text at hand: bytes, or one that goes on while both sides like. */
export interface StreamReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Called once the head is on its way. Returns what to do when the caller is gone. */
  open(sink: Sink): () => void;
}

export interface Sink {
  write(part: string | Uint8Array): void;
  /** The caller reads too slowly: what is written now waits in memory. */
  isBehind(): boolean;
  end(part?: string | Uint8Array): void;
}

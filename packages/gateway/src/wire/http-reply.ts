/** A whole HTTP answer of one of the gateway's doors, ready to be written. */
export interface HttpReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One thing the doctor looked at. */
export interface Finding {
  readonly state: 'ok' | 'warning' | 'failed';
  readonly what: string;
  /** What to do about it. */
  readonly advice?: string;
  /** The row of the setup guide's troubleshooting (5.2) it belongs to. */
  readonly row?: GuideRow;
}

/** The rows, as the guide calls them. */
export const guideRows = {
  connectionId: '"connectionId header missing"',
  silentPush: 'Push silently fails (no error, no delivery)',
  gone: 'GoneException when pushing',
  reconnecting: 'Client keeps reconnecting',
  elsewhere: 'WebSocket works locally but not in production (or vice versa)',
} as const;

export type GuideRow = keyof typeof guideRows;

export const ok = (what: string): Finding => ({ state: 'ok', what });
export const warning = (what: string, advice: string, row?: GuideRow): Finding => ({
  state: 'warning',
  what,
  advice,
  ...(row && { row }),
});
export const failed = (what: string, advice: string, row?: GuideRow): Finding => ({
  state: 'failed',
  what,
  advice,
  ...(row && { row }),
});

import { join } from 'node:path';
import type { Configuration } from './settings.ts';

/** Where stage logs of the form `file:NAME` are; `undefined` where nothing is kept and none is named. */
export function logFolder({ stageLogs, ephemeral, data }: Configuration): string | undefined {
  const isFolder = !/^(?:stdout|off|https?:.*)$/.test(stageLogs);
  if (isFolder) return stageLogs;
  return ephemeral ? undefined : join(data, 'logs');
}

/** Where an API does what Amazon's would not: said where it stands. */
import type { Integration, Stage } from '../gateway/types.ts';

export function backendDifferences(uri: string): string[] {
  const host = /^https?:/.test(uri) ? hostOf(uri) : '';
  if (!isPrivate(host)) return [];
  return [`AWS could not reach ${host}: there a backend needs a public address, or a VPC link.`];
}

export function stageDifferences(stage: Stage): string[] {
  const { differsFromAws = [], ...settings } = stage['x-postern'] ?? {};
  return (differsFromAws as readonly string[]).map((name) => {
    const value = settings[name];
    const said = value === undefined ? '' : ` is ${JSON.stringify(value)}`;
    return `${name}${said}: AWS has no such setting.`;
  });
}

/** What backends need and forgetting is the classic mistake: who is speaking. */
export function isMissingConnectionId({ integrationType, requestParameters }: Integration) {
  if (integrationType !== 'HTTP_PROXY') return false;
  return !Object.values(requestParameters ?? {}).includes('context.connectionId');
}

function hostOf(uri: string): string {
  try {
    return new URL(uri).hostname;
  } catch {
    return '';
  }
}

const isPrivate = (host: string) =>
  /^(localhost|127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|\[)/.test(host) ||
  host.endsWith('.localhost') ||
  (host !== '' && !host.includes('.'));

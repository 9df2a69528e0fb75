import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { problemAt, type Template } from '../cloudformation/template.ts';
import { collectProblems } from '../source/template-error.ts';
import { didYouMean } from '../suggest.ts';
import { dereference } from './reference.ts';

/** What is done on a channel of an AsyncAPI document. */
export interface Operation {
  readonly id: string;
  readonly value: Dictionary<unknown>;
}

/** The operations whose channel is this one. */
export function operationsOn(source: Template, channelId: string): Operation[] {
  return operationsOf(source).filter(({ value }) => channelIdOf(value) === channelId);
}

function operationsOf(source: Template): Operation[] {
  const operations = own(source.document, 'operations') ?? {};
  if (!isObject(operations)) throw problemAt(source, ['operations'], 'must be a mapping');
  return Object.entries(operations).map(([id, operation]) => {
    const value = dereference(source, operation, ['operations', id]);
    if (!isObject(value)) throw problemAt(source, ['operations', id], 'must be a mapping');
    return { id, value };
  });
}

const ACTIONS = ['send', 'receive'];

/** Throws for an operation that belongs to no channel, or does neither of the two things there are. */
export function assertOperations(source: Template, channels: readonly string[]): void {
  collectProblems(operationsOf(source), ({ id, value }) => {
    const path = ['operations', id];
    const action = own(value, 'action');
    if (!ACTIONS.includes(String(action))) {
      const hint = didYouMean(String(action), ACTIONS);
      throw problemAt(source, [...path, 'action'], `must be send or receive${hint}`);
    }
    const channel = channelIdOf(value);
    if (channel === undefined) {
      throw problemAt(source, [...path, 'channel'], 'must be { $ref: "#/channels/…" }');
    }
    if (!channels.includes(channel)) {
      const hint = didYouMean(channel, channels);
      throw problemAt(
        source,
        [...path, 'channel', '$ref'],
        `there is no channel ${channel}${hint}`,
      );
    }
  });
}

function channelIdOf(operation: Dictionary<unknown>): string | undefined {
  const channel = own(operation, 'channel');
  const reference = isObject(channel) ? own(channel, '$ref') : undefined;
  const [, token] = /^#\/channels\/([^/]+)$/.exec(String(reference)) ?? [];
  return token?.replaceAll('~1', '/').replaceAll('~0', '~');
}

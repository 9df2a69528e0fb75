import { contextVariables, type EventScope, type HandshakeParameters } from '../scope.ts';
import { contextMap } from './context.ts';
import { type InputParameters, inputObject, noParameters } from './input.ts';
import type { Variables } from './template.ts';
import { utilObject } from './util.ts';

/**
 * The variables of a mapping template for one event: `$input`, `$context`, `$stageVariables` and
 * `$util`. `payload` is what `$input` looks at: the message for a request template, which is the
 * default, and the integration's body for a response template.
 */
export function templateVariables(scope: EventScope, payload: string = scope.body.text): Variables {
  return {
    input: inputObject(payload, parametersOf(scope.handshake)),
    context: contextMap(contextVariables(scope)),
    stageVariables: new Map(Object.entries(scope.stageVariables)),
    util: utilObject,
  };
}

/** Of several values of one name the last counts, as everywhere in mappings. */
function parametersOf(handshake: HandshakeParameters | undefined): InputParameters {
  if (handshake === undefined) {
    return noParameters;
  }
  return {
    path: {},
    querystring: lastValues(handshake.query),
    header: lastValues(handshake.headers),
  };
}

function lastValues(values: ReadonlyMap<string, readonly string[]>): Record<string, string> {
  return Object.fromEntries([...values].map(([name, list]) => [name, list.at(-1) ?? '']));
}

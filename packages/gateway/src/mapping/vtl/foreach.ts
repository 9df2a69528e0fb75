import { spend } from './budget.ts';
import { renderBody } from './evaluator.ts';
import { evaluate } from './expressions.ts';
import { HostObject } from './host-object.ts';
import { foreachRoundsMax } from './limits.ts';
import type { Foreach } from './nodes.ts';
import { readVariable, writeVariable } from './references.ts';
import type { Outcome, Rendering } from './rendering.ts';
import { Cursor } from './values.ts';

interface Round {
  index: number;
  readonly last: number;
}

/** Renders the body for each element; afterwards the variable is what it was before. */
export function renderForeach(rendering: Rendering, foreach: Foreach): Outcome {
  const elements = elementsOf(evaluate(rendering, foreach.list));
  if (elements === undefined || elements.length === 0) {
    return 'done';
  }
  spend(rendering.budget, elements.length);
  const { loop } = rendering;
  const names = [foreach.variable, 'velocityCount', 'velocityHasNext'];
  const before = names.map((name) => readVariable(rendering, name, rendering.frame));
  const round: Round = { index: 0, last: elements.length - 1 };
  rendering.loop = loopObject(round, loop);
  let outcome: Outcome = 'done';
  while (outcome === 'done' && round.index < Math.min(elements.length, foreachRoundsMax)) {
    writeVariable(rendering, 'velocityCount', round.index + 1);
    writeVariable(rendering, 'velocityHasNext', round.index < round.last);
    writeVariable(rendering, foreach.variable, elements[round.index] ?? null);
    outcome = renderBody(rendering, foreach.body);
    round.index += 1;
  }
  rendering.loop = loop;
  for (const [index, name] of names.entries()) {
    writeVariable(rendering, name, before[index]);
  }
  return outcome === 'stop' ? 'stop' : 'done';
}

/** A list's elements, a map's values, what an iterator has left; nothing else can be walked. */
function elementsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) {
    return Array.from(value);
  }
  if (value instanceof Map) {
    return [...value.values()];
  }
  if (value instanceof Cursor) {
    const left = value.elements.slice(value.next);
    value.next = value.elements.length;
    return left;
  }
  return undefined;
}

/** `$foreach` and its members, each also as a method. */
function loopObject(round: Round, outer: HostObject | undefined): HostObject {
  const members = {
    index: () => round.index,
    count: () => round.index + 1,
    hasNext: () => round.index < round.last,
    first: () => round.index === 0,
    last: () => round.index === round.last,
    parent: () => outer ?? null,
    topmost: (): unknown => outer?.properties.get('topmost')?.() ?? outer ?? loop,
  };
  const loop: HostObject = new HostObject('{}', members, {
    getIndex: members.index,
    getCount: members.count,
    hasNext: members.hasNext,
    isFirst: members.first,
    isLast: members.last,
    getParent: members.parent,
    getTopmost: members.topmost,
  });
  return loop;
}

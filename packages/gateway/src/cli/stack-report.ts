/** What is printed of plans and deploys. Values are never shown: some are secrets. */
import type { TemplateUnit } from '../templates/read-template.ts';
import type { PlanStep } from '../templates/stack/plan.ts';
import type { SkippedResource, StackTemplate } from '../templates/stack/stack-template.ts';
import type { FinishedStack } from '../templates/template-deployment.ts';

const SIGNS: Readonly<Record<PlanStep['action'], string>> = {
  create: '+',
  update: '~',
  replace: '~',
  remove: '-',
};

/** `~ Route ConnectRoute $connect: Target, AuthorizationType` */
export function stepLine({ action, noun, logicalId, label, fields, reason }: PlanStep): string {
  const name = label === '' || label === logicalId ? logicalId : `${logicalId} ${label}`;
  const changed = action !== 'create' && fields.length > 0 ? `: ${fields.join(', ')}` : '';
  const notes = [...(action === 'replace' ? ['replaced'] : []), ...(reason ? [reason] : [])];
  const note = notes.length > 0 ? ` (${notes.join('; ')})` : '';
  return `  ${SIGNS[action]} ${noun} ${name}${changed}${note}`;
}

/** One line for each type that is passed over. */
export function skippedLines(skipped: readonly SkippedResource[]): string[] {
  if (skipped.length === 0) return [];
  const groups = new Map<string, string[]>();
  for (const { type, logicalId, reason } of skipped) {
    const key = reason === undefined ? type : `${type} (${reason})`;
    groups.set(key, [...(groups.get(key) ?? []), logicalId]);
  }
  const lines = Array.from(groups, ([type, ids]) => `  ${type}: ${ids.join(', ')}`);
  return ['Not made here:', ...lines];
}

/** What the template asks for and does not get here. */
export function noteLines(unit: TemplateUnit, template: StackTemplate): string[] {
  return [...unit.notes, ...template.notes];
}

/** The outputs, where clients connect, and what is left to say. */
export function finishedLines(stack: FinishedStack, endpoint: string): string[] {
  const outputs = Object.entries(stack.outputs).map(
    ([name, value]) => `  ${name}  ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const stages = stack.entries
    .filter(({ type }) => type === 'AWS::ApiGatewayV2::Stage')
    .map(({ path }) => /^\/v2\/apis\/([^/]+)\/stages\/(.+)$/.exec(path)!)
    .map(([, apiId, stage]) => `  ${endpoint.replace(/^http/, 'ws')}/${apiId}/${stage}`);
  return [
    ...(outputs.length > 0 ? ['Outputs:', ...outputs] : []),
    ...(stages.length > 0 ? ['Stages:', ...stages] : []),
    ...stack.leftovers,
    ...noteLines(stack.unit, stack.template),
  ];
}

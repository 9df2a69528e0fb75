/**
 * An AWS SAM template as the CloudFormation template it stands for: functions, WebSocket APIs, globals.
 * Logical ids are those that SAM makes up, since templates refer to them. Other SAM resources stay as they
 * are: nothing of them is made here.
 */
import { isObject } from '../../resources/read-fields.ts';
import { type Dictionary, own } from '../../resources/record.ts';
import { problemAt, sectionOf, type Template } from '../cloudformation/template.ts';
import type { Path } from '../problem.ts';
import { collectProblems } from '../source/template-error.ts';
import { expandFunction } from './function.ts';
import { readGlobals, withGlobals } from './globals.ts';
import { referable } from './referable.ts';
import { expandWebSocketApi } from './websocket-api.ts';

const TRANSFORM = 'AWS::Serverless-2016-10-31';

export function isSam({ document }: Template): boolean {
  const transform = own(document, 'Transform');
  return Array.isArray(transform) ? transform.includes(TRANSFORM) : transform === TRANSFORM;
}

/** Throws `TemplateError` for what SAM refuses. */
export function expandSam(template: Template): Template {
  const globals = readGlobals(template);
  const resources: Record<string, unknown> = {};
  const names = new Map<string, string>();
  const paths: Record<string, Path> = {};
  collectProblems(Object.entries(sectionOf(template, 'Resources')), ([logicalId, resource]) => {
    const fail = (path: readonly (string | number)[], message: string) =>
      problemAt(template, ['Resources', logicalId, ...path], message);
    const type = own(resource, 'Type');
    const written = own(resource, 'Properties') ?? {};
    if (type !== 'AWS::Serverless::Function' && type !== 'AWS::Serverless::WebSocketApi') {
      resources[logicalId] = resource;
      return;
    }
    if (!isObject(written)) throw fail(['Properties'], 'must be a mapping');
    const properties = withGlobals(template, globals, type, written);
    const sam = { logicalId, properties, attributes: attributesOf(resource), fail };
    const expand = type === 'AWS::Serverless::Function' ? expandFunction : expandWebSocketApi;
    const expansion = expand(sam);
    for (const [name, id] of Object.entries(expansion.referable)) {
      names.set(`${logicalId}.${name}`, id);
    }
    for (const [id, made] of Object.entries(expansion.resources)) {
      if (Object.hasOwn(resources, id)) throw fail([], `${id} is there already`);
      resources[id] = made;
      if (id !== logicalId) {
        paths[id] = ['Resources', logicalId, ...(expansion.origins?.[id] ?? [])];
      }
      template.places.copy(made as object, resource);
      template.places.copy((made as { Properties: object }).Properties, written);
    }
  });
  const section = referable(template, resources, names);
  template.places.copy(section, sectionOf(template, 'Resources'));
  const { Globals: _, Transform: __, ...rest } = template.document;
  const others = referable(template, rest, names);
  const document = { ...others, Resources: section };
  template.places.copy(document, template.document);
  return { ...template, document, origins: { document: template.document, paths } };
}

/** What belongs to a resource beside its type and properties, and so to all that is made of it. */
function attributesOf(resource: Dictionary<unknown>): Dictionary<unknown> {
  const { Type: _, Properties: __, Metadata: ___, Connectors: ____, ...attributes } = resource;
  return attributes;
}

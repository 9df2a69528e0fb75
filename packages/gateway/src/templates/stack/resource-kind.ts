import type { Field } from '../../resources/field.ts';
import { type Dictionary, own } from '../../resources/record.ts';

/**
 * How one type of a template's resources is made with control-plane calls. What its fields may be and
 * what a PATCH does to them is taken from the tables in `resources/`.
 */
export interface ResourceKind {
  /** CloudFormation's, such as `AWS::ApiGatewayV2::Route`. */
  readonly type: string;
  /** As plans call it, such as `Route`. */
  readonly noun: string;
  readonly fields: readonly Field[];
  /** Properties without which there is no resource, parents among them. */
  readonly required: readonly string[];
  /** Where one is created; `{ApiId}` is the property of that name, a physical id. */
  readonly collection: string;
  /** The member of answers that is the physical id, and what `Ref` gives. */
  readonly id: string;
  /** The field that no two of a collection share. Such a one is removed before it is replaced. */
  readonly key?: string;
  /** `Fn::GetAtt` name → member of the answer; dots lead into it. */
  readonly attributes: Dictionary<string>;
  /** A deployment of the API keeps a copy of it. */
  readonly isFrozen?: true;
  /** Fields every PATCH carries, changed or not. */
  readonly alwaysSent?: readonly string[];
  /** Properties that CloudFormation knows and that mean nothing here. */
  readonly unused?: readonly string[];
  /** Fields whose entries, or which themselves, go only by a call of their own: below the resource. */
  readonly removal?: Dictionary<(entry: string) => string>;
  /** What a field is set to when a template no longer names it, where its table does not say. */
  readonly resets?: Dictionary<unknown>;
  /** Properties whose fields have another name. */
  readonly renamed?: Dictionary<string>;
  /** Where answers have the `key` under another name. */
  readonly keyMember?: string;
  /** Changed by v1's patch operations instead of a body of fields. */
  readonly patchOperations?: PatchOperations;
  /** What must be taken out of it before it can be removed. */
  readonly emptying?: (actual: Dictionary<unknown>) => readonly PatchOperation[];
  /** Its tags are at this ARN path; `{id}` is the physical id. */
  readonly tagsAt?: string;
  /** There is one per account: it is changed, never created or removed. */
  readonly isSingleton?: true;
}

export interface PatchOperation {
  readonly op: 'add' | 'remove' | 'replace';
  readonly path: string;
  readonly value?: string;
}

/** The operations that make these fields of `actual` those of `wanted`. */
export type PatchOperations = (
  wanted: Dictionary<unknown>,
  actual: Dictionary<unknown>,
  fields: readonly string[],
) => readonly PatchOperation[];

const PLACE = /\{(\w+)\}/g;

/** Properties that name what a resource lives in: `ApiId`, `RouteId`. */
export function parentsOf({ collection }: Pick<ResourceKind, 'collection'>): string[] {
  return Array.from(collection.matchAll(PLACE), ([, name]) => name!);
}

export function collectionPath({ collection }: ResourceKind, parents: Dictionary<string>): string {
  return collection.replace(PLACE, (_, name: string) => encodeURIComponent(parents[name] ?? ''));
}

/** `RouteKey` → `routeKey` */
export function wireName(property: string, renamed: Dictionary<string> = {}): string {
  return own(renamed, property) ?? property.slice(0, 1).toLowerCase() + property.slice(1);
}

/** `routeKey` → `RouteKey` */
export function propertyName(wire: string, renamed: Dictionary<string> = {}): string {
  const other = Object.entries(renamed).find(([, name]) => name === wire)?.[0];
  return other ?? wire.slice(0, 1).toUpperCase() + wire.slice(1);
}

import type { Dictionary } from '../../resources/record.ts';
import type { Path } from '../problem.ts';
import type { ResourceKind } from './resource-kind.ts';

/** What every kind of template comes to: resources to be there, in the order they can be made. */
export interface StackTemplate {
  readonly resources: readonly StackResource[];
  /** What the template names and this gateway does not make. */
  readonly skipped: readonly SkippedResource[];
  readonly functions: readonly TemplateFunction[];
  readonly outputs: readonly StackOutput[];
  /** Sentences for whoever deploys it. */
  readonly notes: readonly string[];
}

export interface StackResource {
  readonly logicalId: string;
  readonly kind: ResourceKind;
  /** As in CloudFormation. What depends on other resources waits in `Deferred` values. */
  readonly properties: Dictionary<unknown>;
  /** Logical ids of resources that must be there before it. */
  readonly dependsOn: readonly string[];
  /** Whether it stays when the template no longer names it. */
  readonly isRetained: boolean;
  /** Where it is written, as problems call it. */
  readonly place: string;
  /** A problem with a property; `path` begins at the properties. */
  fail(path: Path, message: string): Error;
}

export interface SkippedResource {
  readonly logicalId: string;
  readonly type: string;
  /** Why, where the type alone does not say. */
  readonly reason?: string;
}

/** A Lambda function of the template, as far as this machine can run it. */
export interface TemplateFunction {
  readonly logicalId: string;
  readonly name: string;
  readonly runtime?: string;
  readonly handler?: string;
  readonly code: FunctionCode;
  /** Values may wait for resources. */
  readonly environment: Dictionary<unknown>;
  readonly timeoutSeconds?: number;
  readonly memoryMegabytes?: number;
}

export type FunctionCode =
  | { readonly kind: 'folder'; readonly folder: string }
  /** Written in the template itself. */
  | { readonly kind: 'inline'; readonly text: string }
  /** Not on this machine; `reason` says where it is instead. */
  | { readonly kind: 'elsewhere'; readonly reason: string };

export interface StackOutput {
  readonly name: string;
  readonly value: unknown;
  readonly description?: string;
  readonly exportName?: string;
}

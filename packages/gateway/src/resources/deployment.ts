import type { ApiDocument } from './api-document.ts';
import type { FieldTable } from './field.ts';

/** An immutable snapshot of an API. Stages point at one; edits reach clients only through a new one. */
export interface Deployment {
  readonly deploymentId: string;
  readonly createdDate: string;
  readonly deploymentStatus: 'PENDING' | 'FAILED' | 'DEPLOYED';
  readonly autoDeployed: boolean;
  readonly description?: string;
}

/** What is stored under `deployment/{apiId}/{deploymentId}`. */
export interface DeploymentDocument {
  readonly deployment: Deployment;
  readonly snapshot: DeploymentSnapshot;
}

/** Everything a deployment freezes: the API and its children, without stages. */
export type DeploymentSnapshot = Omit<ApiDocument, 'stages'>;

export const deploymentFields: FieldTable<Deployment, 'stageName'> = {
  noun: 'Deployment',
  fields: [
    { name: 'description', kind: 'text', lengthMax: 1024, isClearable: true },
    { name: 'stageName', kind: 'text', only: 'create', isWriteOnly: true },
  ],
  given: ['deploymentId', 'createdDate', 'deploymentStatus', 'autoDeployed'],
};

export function snapshotOf(document: ApiDocument): DeploymentSnapshot {
  const { stages: _, ...snapshot } = document;
  return snapshot;
}

import type { ApiDocument } from '../../resources/api-document.ts';
import { asyncApiDocument } from './asyncapi-document.ts';
import { exportCloudFormation } from './cloudformation.ts';
import { posternEntry } from './postern-entry.ts';
import { exportSam } from './sam.ts';
import { exportTerraform } from './terraform.ts';
import { yamlText } from './yaml-text.ts';

export const exportFormats = ['cloudformation', 'sam', 'terraform', 'asyncapi', 'postern'] as const;
export type ExportFormat = (typeof exportFormats)[number];

export interface ExportedApi {
  readonly text: string;
  /** What the format cannot say, in sentences. */
  readonly notes: readonly string[];
}

/** An API as a file that makes the same API again. */
export function exportApi(document: ApiDocument, format: ExportFormat): ExportedApi {
  const notes = undeployed(document);
  switch (format) {
    case 'cloudformation':
      return { text: exportCloudFormation(document), notes: [] };
    case 'sam':
      return { text: exportSam(document), notes: [] };
    case 'terraform':
      return exportTerraform(document);
    case 'postern': {
      const entry = posternEntry(document);
      return { text: yamlText({ apis: { [document.api.name]: entry } }), notes };
    }
    case 'asyncapi': {
      // As `apiEndpoint` has it; one that is no URL is the gateway's own affair.
      const { apiEndpoint = 'ws://localhost' } = document.api as { apiEndpoint?: string };
      const options = { endpoint: apiEndpoint, hasBackends: true };
      return { text: yamlText(asyncApiDocument(document, options)), notes };
    }
  }
}

/** A file has routes and deploys them: a stage without a deployment, or no route, is no file. */
function undeployed({ stages, routes }: ApiDocument): string[] {
  const bare = Object.values(stages).filter(
    ({ deploymentId, autoDeploy }) => !deploymentId && !autoDeploy,
  );
  return [
    ...bare.map(
      ({ stageName }) => `The stage ${stageName} has no deployment; the file will make one`,
    ),
    ...(Object.keys(routes).length === 0 ? ['There is no route, and a file needs one'] : []),
  ];
}

import type { ApiDocument } from '../../resources/api-document.ts';
import { apiResources } from './api-resources.ts';
import { templateText } from './yaml-text.ts';

/** An API as a CloudFormation template, in YAML. */
export function exportCloudFormation(document: ApiDocument): string {
  return templateText({
    AWSTemplateFormatVersion: '2010-09-09',
    Description: `The WebSocket API ${document.api.name}`,
    Resources: apiResources(document),
    Outputs: {
      ApiId: { Value: { Ref: 'Api' } },
      ApiEndpoint: { Value: { 'Fn::GetAtt': ['Api', 'ApiEndpoint'] } },
    },
  });
}

import { badRequest } from '../resources/problems.ts';
import type { Operation } from './operation.ts';

/** Operations AWS has and this version has not. Called by name, so the answer can say which one. */
const rows: readonly (readonly [Operation['method'], string, string])[] = [
  ['GET', '/v2/domainnames', 'GetDomainNames'],
  ['POST', '/v2/domainnames', 'CreateDomainName'],
  ['DELETE', '/v2/domainnames/{domainName}', 'DeleteDomainName'],
  ['GET', '/v2/domainnames/{domainName}', 'GetDomainName'],
  ['PATCH', '/v2/domainnames/{domainName}', 'UpdateDomainName'],
  ['GET', '/v2/domainnames/{domainName}/apimappings', 'GetApiMappings'],
  ['POST', '/v2/domainnames/{domainName}/apimappings', 'CreateApiMapping'],
  ['DELETE', '/v2/domainnames/{domainName}/apimappings/{apiMappingId}', 'DeleteApiMapping'],
  ['GET', '/v2/domainnames/{domainName}/apimappings/{apiMappingId}', 'GetApiMapping'],
  ['PATCH', '/v2/domainnames/{domainName}/apimappings/{apiMappingId}', 'UpdateApiMapping'],
  ['GET', '/v2/domainnames/{domainName}/routingrules', 'ListRoutingRules'],
  ['POST', '/v2/domainnames/{domainName}/routingrules', 'CreateRoutingRule'],
  ['DELETE', '/v2/domainnames/{domainName}/routingrules/{routingRuleId}', 'DeleteRoutingRule'],
  ['GET', '/v2/domainnames/{domainName}/routingrules/{routingRuleId}', 'GetRoutingRule'],
  ['PUT', '/v2/domainnames/{domainName}/routingrules/{routingRuleId}', 'PutRoutingRule'],
  ['GET', '/v2/vpclinks', 'GetVpcLinks'],
  ['POST', '/v2/vpclinks', 'CreateVpcLink'],
  ['DELETE', '/v2/vpclinks/{vpcLinkId}', 'DeleteVpcLink'],
  ['GET', '/v2/vpclinks/{vpcLinkId}', 'GetVpcLink'],
  ['PATCH', '/v2/vpclinks/{vpcLinkId}', 'UpdateVpcLink'],
  ['PUT', '/v2/apis', 'ImportApi'],
  ['PUT', '/v2/apis/{apiId}', 'ReimportApi'],
  ['DELETE', '/v2/apis/{apiId}/cors', 'DeleteCorsConfiguration'],
  ['GET', '/v2/apis/{apiId}/exports/{specification}', 'ExportApi'],
];

export const unsupportedOperations: Operation[] = rows.map(([method, path, operation]) => ({
  operation,
  method,
  path,
  status: 400,
  handler: async () => {
    throw badRequest(`The operation ${operation} is not supported by this version`);
  },
}));

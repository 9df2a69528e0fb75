/** CloudFormation's short forms of its functions in YAML: `!Sub text` is `{ "Fn::Sub": "text" }`. */
const names = [
  'And',
  'Base64',
  'Cidr',
  'Equals',
  'FindInMap',
  'GetAZs',
  'GetAtt',
  'If',
  'ImportValue',
  'Join',
  'Length',
  'Not',
  'Or',
  'Select',
  'Split',
  'Sub',
  'ToJsonString',
  'Transform',
] as const;

/** Tag → the key of the object it stands for. */
export const shortTags: ReadonlyMap<string, string> = new Map([
  ['!Ref', 'Ref'],
  ['!Condition', 'Condition'],
  ...names.map((name) => [`!${name}`, `Fn::${name}`] as const),
]);

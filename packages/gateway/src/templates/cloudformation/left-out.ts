/** What a template asks of AWS that is not had here, in sentences: it would be missed at run time otherwise. */
import { isObject } from '../../resources/read-fields.ts';
import { own } from '../../resources/record.ts';
import { resourceKinds } from '../stack/kinds.ts';
import { didYouMean } from '../suggest.ts';
import { textOf } from './intrinsic.ts';
import { placeText, sectionOf, type Template } from './template.ts';

const TRANSFORMS = ['AWS::LanguageExtensions', 'AWS::Serverless-2016-10-31'];
/** What the CDK looks at before it deploys. */
const CDK_VERSION = /^\/cdk-bootstrap\//;

/** Macros, and parameters whose values are kept elsewhere. `given`: names of parameters with a value. */
export function leftOutOfTemplate(template: Template, given: readonly string[]): string[] {
  // Of SAM's, what is left of the document no longer says so.
  const { document, origins } = template;
  const asWritten = isObject(origins?.document) ? origins.document : document;
  const written = own(asWritten, 'Transform');
  const transforms = (Array.isArray(written) ? written : [written]).flatMap((one) =>
    typeof one === 'string' && !TRANSFORMS.includes(one) ? [one] : [],
  );
  const parameters = Object.entries(sectionOf(template, 'Parameters')).flatMap(([name, one]) => {
    const isKept = textOf(own(one, 'Type'))?.startsWith('AWS::SSM::Parameter::Value<');
    const key = textOf(own(one, 'Default')) ?? '';
    return isKept && !given.includes(name) && !CDK_VERSION.test(key) ? [{ name, key }] : [];
  });
  return [
    ...transforms.map(
      (name) => `Transform ${name} is not run here: the template is taken as it is`,
    ),
    ...parameters.map(
      ({ name, key }) =>
        `${placeText(template, ['Parameters', name])}: SSM is not asked, the value is "${key}" ` +
        `itself; give one with --parameter ${name}=…`,
    ),
  ];
}

/** Values of a resource that AWS would look up. */
export function leftOutOfProperties(
  template: Template,
  logicalId: string,
  properties: unknown,
): string[] {
  const found = new Set(JSON.stringify(properties).match(/\{\{resolve:[^}"]*\}\}/g));
  const place = placeText(template, ['Resources', logicalId]);
  return [...found].map((text) => `${place}: ${text} is not looked up here, and stays as it is`);
}

/** Layers of a function. */
export function leftOutOfFunction(name: string, properties: unknown): string[] {
  const layers = isObject(properties) ? own(properties, 'Layers') : undefined;
  if (!Array.isArray(layers) || layers.length === 0) return [];
  return [`${name} runs without its layers: what is in them has to be found from its code`];
}

const OURS = [
  ...resourceKinds.map(({ type }) => type),
  'AWS::Lambda::Function',
  'AWS::Serverless::Function',
  'AWS::Serverless::WebSocketApi',
];

/** Why a type is not made, where it is a slip of one that is. */
export function slipOf(type: string): string | undefined {
  const group = type.slice(0, type.lastIndexOf(':') + 1);
  const hint = didYouMean(
    type,
    OURS.filter((known) => known.startsWith(group)),
  );
  return hint === '' ? undefined : hint.slice(2, -1);
}

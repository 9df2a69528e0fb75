/** Functions that look something up: Ref, GetAtt, FindInMap, ImportValue, GetAZs. */
import { isObject } from '../../resources/read-fields.ts';
import { own } from '../../resources/record.ts';
import { didYouMean } from '../suggest.ts';
import { referencesIn } from './deferred.ts';
import { type Intrinsic, type IntrinsicCall, textOf } from './intrinsic.ts';

export const ref: Intrinsic = (call) => {
  const { argument: name, scope } = call;
  if (typeof name !== 'string') throw call.fail('must be the name of a parameter or a resource');
  const value = scope.parameter(name) ?? scope.reference(name, undefined);
  if (value !== undefined) return value;
  const hint = didYouMean(name, scope.names);
  throw call.fail(`${name} is neither a parameter nor a resource${hint}`);
};

export const getAtt: Intrinsic = (call) => {
  const [logicalId, attribute] = attributeOf(call);
  const value = call.scope.reference(logicalId, attribute);
  if (value !== undefined) return value;
  const hint = didYouMean(logicalId, call.scope.names);
  throw call.fail(`there is no resource ${logicalId}${hint}`);
};

/** `Resource.Attribute` or `[Resource, Attribute]`; the attribute's name may itself be a `Ref`. */
function attributeOf(call: IntrinsicCall): readonly [string, string] {
  const { argument } = call;
  if (typeof argument === 'string' && argument.includes('.')) {
    const dot = argument.indexOf('.');
    return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  if (Array.isArray(argument) && argument.length >= 2) {
    const [logicalId, ...rest] = argument as unknown[];
    const names = rest.map((node, index) => textOf(call.evaluate(node, index + 1)));
    if (typeof logicalId === 'string' && names.every((name) => name !== undefined)) {
      return [logicalId, names.join('.')];
    }
  }
  throw call.fail('takes a resource and one of its attributes, such as Function.Arn');
}

export const findInMap: Intrinsic = (call) => {
  const { argument } = call;
  if (!Array.isArray(argument) || argument.length < 3 || argument.length > 4) {
    throw call.fail('takes a list of three: a mapping, a key, and a key inside it');
  }
  const [map, top, second] = argument.slice(0, 3).map((node, index) => {
    const value = call.evaluate(node, index);
    const text = textOf(value);
    if (text !== undefined) return text;
    const isWaiting = referencesIn(value).length > 0;
    throw call.fail(isWaiting ? 'cannot depend on a resource' : 'must be text', index);
  }) as [string, string, string];
  const found = call.scope.mapping(map, top, second);
  if ('value' in found) return found.value;
  const options: unknown = argument[3];
  const fallback = isObject(options) ? own(options, 'DefaultValue') : undefined;
  if (fallback !== undefined) return call.evaluate(fallback, 3, 'DefaultValue');
  throw call.fail(found.missing);
};

export const importValue: Intrinsic = (call) => {
  const name = textOf(call.evaluate(call.argument));
  if (name === undefined) throw call.fail('must be the name of an export');
  const value = call.scope.importValue(name);
  if (value !== undefined) return value;
  throw call.fail(`no stack of this gateway exports ${name}`);
};

const ZONES = ['a', 'b', 'c'];

export const getAZs: Intrinsic = (call) => {
  const region = textOf(call.evaluate(call.argument));
  if (region === undefined) throw call.fail('must be a region');
  return ZONES.map((zone) => `${region === '' ? call.scope.region : region}${zone}`);
};

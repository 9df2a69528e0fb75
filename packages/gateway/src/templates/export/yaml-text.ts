import { Document, type Node, Scalar, visit, type YAMLMap, YAMLSeq } from 'yaml';
import { shortTags } from '../source/short-tags.ts';

/** Values as YAML text. */
export function yamlText(value: unknown): string {
  return textOf(new Document(value, { aliasDuplicateObjects: false }));
}

/** A CloudFormation template as people write it: `!Ref Api` for `{ Ref: Api }`. */
export function templateText(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Map(_, map) {
      return shortForm(map);
    },
  });
  return textOf(document);
}

const tagsByKey = new Map(Array.from(shortTags, ([tag, key]) => [key, tag]));

function shortForm(map: YAMLMap): Node | undefined {
  const [pair, ...others] = map.items;
  const key = pair?.key;
  const name = key instanceof Scalar ? String(key.value) : '';
  const tag = others.length === 0 ? tagsByKey.get(name) : undefined;
  const value = pair?.value;
  // `Condition` is a plain key as well.
  if (tag === undefined || name === 'Condition') return undefined;
  if (value instanceof YAMLSeq) {
    value.tag = tag;
    value.flow = true;
    return value;
  }
  if (!(value instanceof Scalar)) return undefined;
  value.tag = tag;
  return value;
}

function textOf(document: Document): string {
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

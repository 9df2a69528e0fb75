/** Works out the variables of a Serverless Framework configuration. */
import { extname, resolve } from 'node:path';
import { type Dictionary, own } from '../../resources/record.ts';
import { textOf } from '../cloudformation/intrinsic.ts';
import { type Path, pathText } from '../problem.ts';
import { templateLimits } from '../source/limits.ts';
import type { Places } from '../source/places.ts';
import type { ProjectFiles } from '../source/project-files.ts';
import { readTree } from '../source/read-tree.ts';
import { TemplateError } from '../source/template-error.ts';
import { type Part, parseVariables, type Source, type Variable } from './variable-text.ts';

export interface VariableOptions {
  /** The configuration as written. */
  readonly root: Dictionary<unknown>;
  readonly places: Places;
  readonly files: ProjectFiles;
  /** `--stage`, `--region`, `--opt key=value`. */
  readonly options: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly account: string;
}

/** Where a value is written: the document it is in, and the way to it. */
interface Spot {
  readonly document: unknown;
  readonly path: Path;
}

const MISSING = Symbol('missing');
const DEPTH_MAX = 100;

export class Variables {
  readonly #options: VariableOptions;
  readonly #documents = new Map<string, unknown>();
  /** Addresses being worked out, to find circles. */
  readonly #open = new Set<string>();
  #steps = 0;
  #depth = 0;

  constructor(options: VariableOptions) {
    this.#options = options;
  }

  /** The whole configuration with every variable worked out. Throws `TemplateError`. */
  resolveAll(): Dictionary<unknown> {
    const { root } = this.#options;
    return this.#resolve(root, { document: root, path: [] }) as Dictionary<unknown>;
  }

  /** A value of the configuration, such as `provider.stage`; `undefined` when there is none. */
  resolveAt(...keys: readonly string[]): unknown {
    const { root } = this.#options;
    const value = this.#lookUp(root, keys, { document: root, path: keys });
    return value === MISSING ? undefined : value;
  }

  #resolve(value: unknown, spot: Spot): unknown {
    if (++this.#steps > templateLimits.stepsMax || this.#depth > DEPTH_MAX) {
      throw this.#problem(spot, 'there is no end to its variables');
    }
    if (typeof value === 'string') return this.#resolveText(value, spot);
    if (typeof value !== 'object' || value === null) return value;
    this.#depth += 1;
    const below = (key: string | number) => ({ ...spot, path: [...spot.path, key] });
    const copy = Array.isArray(value)
      ? value.map((item, index) => this.#resolve(item, below(index)))
      : Object.fromEntries(
          Object.entries(value).map(([key, item]) => [key, this.#resolve(item, below(key))]),
        );
    this.#depth -= 1;
    this.#options.places.copy(copy, value);
    return copy;
  }

  #resolveText(text: string, spot: Spot): unknown {
    if (!text.includes('${')) return text;
    const parts = this.#parse(text, spot);
    if (parts.length === 0) return text;
    return this.#joined(parts, spot);
  }

  /** One variable alone may stand for anything; beside others it must be text. */
  #joined(parts: readonly Part[], spot: Spot): unknown {
    const [first] = parts;
    if (parts.length === 1 && first !== undefined && typeof first !== 'string') {
      return this.#value(first, spot);
    }
    const texts = parts.map((part) => {
      if (typeof part === 'string') return part;
      const value = textOf(this.#value(part, spot));
      if (value !== undefined) return value;
      throw this.#problem(spot, `${part.text} is not text, and there is other text beside it`);
    });
    const joined = texts.join('');
    if (joined.length <= templateLimits.fileBytesMax) return joined;
    throw this.#problem(spot, `longer than ${templateLimits.fileBytesMax} characters`);
  }

  #value(variable: Variable, spot: Spot): unknown {
    for (const source of variable.sources) {
      const value = this.#fromSource(source, spot);
      const isNull = value === null && source !== variable.sources.at(-1);
      if (value !== MISSING && value !== undefined && !isNull) return value;
    }
    throw this.#problem(spot, `${variable.text} has no value${this.#hint(variable)}`);
  }

  #hint({ sources }: Variable): string {
    const last = sources.at(-1);
    if (last?.kind !== 'source') return '';
    if (last.type === 'opt') return `: --opt ${textOf(last.address[0]) ?? 'name'}=…`;
    if (last.type === 'env') return ': set it in the environment';
    return AWS_SOURCES.has(last.type)
      ? `: ${last.type} asks AWS, which is not asked here. Give it a fallback`
      : '';
  }

  #fromSource(source: Source, spot: Spot): unknown {
    if (source.kind === 'literal') return source.value;
    const { type, parameters } = source;
    if (type === 'text') return this.#joined(source.address, spot);
    const { options, env, account, root } = this.#options;
    const address = textOf(this.#joinedOrNothing(source.address, spot)) ?? '';
    switch (type) {
      case 'self':
        return this.#lookUp(root, address === '' ? [] : address.split('.'), spot);
      case 'opt':
        return address === '' ? options : (own(options, address) ?? MISSING);
      case 'env':
        return env[address] ?? MISSING;
      case 'param':
        return this.#parameter(address, spot);
      case 'file':
        return this.#file(textOf(this.#joinedOrNothing(parameters[0] ?? [], spot)), address, spot);
      case 'sls':
        if (address === 'stage') return this.stage(spot);
        return address === 'instanceId' ? 'postern' : MISSING;
      case 'strToBool':
        return this.#boolean(this.#joinedOrNothing(parameters[0] ?? [], spot), spot);
      case 'aws':
        if (address === 'region')
          return own(options, 'region') ?? this.resolveAt('provider', 'region');
        return address === 'accountId' ? account : MISSING;
      default:
        if (AWS_SOURCES.has(type)) return MISSING;
        throw this.#problem(spot, `unknown source of variables "${type}"`);
    }
  }

  #joinedOrNothing(parts: readonly Part[], spot: Spot): unknown {
    return parts.length === 0 ? undefined : this.#joined(parts, spot);
  }

  /** The stage that is deployed: what `--stage` says, or the provider, or `dev`. */
  stage(spot: Spot = { document: this.#options.root, path: [] }): string {
    const named =
      own(this.#options.options, 'stage') ?? this.resolveAt('provider', 'stage') ?? 'dev';
    if (typeof named === 'string' && /^[a-zA-Z0-9-]+$/.test(named)) return named;
    throw this.#problem(spot, 'the stage must be letters, digits and -');
  }

  #parameter(name: string, spot: Spot): unknown {
    const given = own(this.#options.options, `param.${name}`);
    if (given !== undefined) return given;
    const stage = this.stage(spot);
    const places = [
      ['stages', stage, 'params'],
      ['params', stage],
      ['stages', 'default', 'params'],
      ['params', 'default'],
    ];
    for (const keys of places) {
      const value = this.#lookUp(this.#options.root, [...keys, name], spot);
      if (value !== MISSING) return value;
    }
    return MISSING;
  }

  #boolean(value: unknown, spot: Spot): boolean {
    const word = textOf(value)?.trim().toLowerCase();
    if (word === 'true' || word === '1') return true;
    if (word === 'false' || word === '0') return false;
    throw this.#problem(spot, 'strToBool takes true, false, 1 or 0');
  }

  #file(path: string | undefined, address: string, spot: Spot): unknown {
    if (path === undefined || path === '') throw this.#problem(spot, 'file() needs a path');
    const document = this.#document(path, spot);
    if (document === MISSING) return MISSING;
    const keys = address === '' ? [] : address.split('.');
    return this.#lookUp(document, keys, { document, path: keys }, resolve(path));
  }

  #document(path: string, spot: Spot): unknown {
    const { files, places } = this.#options;
    const full = resolve(files.folder, path);
    if (this.#documents.has(full)) return this.#documents.get(full);
    const kind = extname(full);
    if (/^\.[cm]?[jt]s$/.test(kind)) {
      throw this.#problem(spot, `${path} is a program, and is not run: write it as YAML or JSON`);
    }
    const text = this.#read(path, spot);
    if (text === undefined) return MISSING;
    const isTree = ['.yml', '.yaml', '.json', '.tfstate'].includes(kind);
    const file = files.nameOf(full);
    const document = isTree ? readTree(text, { file, places, hasShortTags: true }) : text.trim();
    this.#documents.set(full, document);
    return document;
  }

  #read(path: string, spot: Spot): string | undefined {
    try {
      return this.#options.files.read(path);
    } catch (error) {
      throw this.#problem(spot, (error as Error).message);
    }
  }

  /** The value at an address, variables on the way included. */
  #lookUp(document: unknown, keys: readonly string[], spot: Spot, file = ''): unknown {
    const address = `${file}:${keys.join('.')}`;
    if (this.#open.has(address)) throw this.#problem(spot, `${pathText(keys)} depends on itself`);
    this.#open.add(address);
    try {
      let value = document;
      const path: string[] = [];
      for (const key of keys) {
        if (typeof value === 'string') value = this.#resolveText(value, { document, path });
        if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key))
          return MISSING;
        value = (value as Dictionary<unknown>)[key];
        path.push(key);
      }
      return this.#resolve(value, { document, path });
    } finally {
      this.#open.delete(address);
    }
  }

  #parse(text: string, spot: Spot): readonly Part[] {
    try {
      return parseVariables(text);
    } catch (error) {
      throw this.#problem(spot, (error as Error).message);
    }
  }

  #problem({ document, path }: Spot, message: string): TemplateError {
    return new TemplateError([{ message, path, place: this.#options.places.at(document, path) }]);
  }
}

/** Sources that ask a service of AWS. */
const AWS_SOURCES: ReadonlySet<string> = new Set([
  'cf',
  's3',
  'ssm',
  'aws',
  'git',
  'vault',
  'doppler',
]);

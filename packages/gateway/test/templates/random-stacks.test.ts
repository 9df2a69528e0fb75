/** Whatever templates say: what comes of them depends on the last one alone, and comes out whole. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApiDocument } from '../../src/resources/api-document.ts';
import { controlClient } from '../../src/templates/control-client.ts';
import { exportApi, exportFormats } from '../../src/templates/export/export-api.ts';
import { readApi } from '../../src/templates/export/read-api.ts';
import { readTemplate } from '../../src/templates/read-template.ts';
import { destroyStack } from '../../src/templates/stack/deploy-stack.ts';
import { deployFile } from '../../src/templates/template-deployment.ts';
import { apiPicture } from './support/api-picture.ts';
import { randomTemplate } from './support/random-template.ts';
import { environment, useWorkbench, type Workbench } from './support/stacks.ts';

const bench = useWorkbench();
const fresh = useWorkbench();

// biome-ignore lint/suspicious/noExplicitAny: answers of the wire, put in order
type Any = any;

/** What is said in two ways: limits of an account where there are none, and `false` for what is off. */
const NOTHING = [
  '"throttlingBurstLimit":5000',
  '"throttlingRateLimit":10000',
  '"autoDeploy":false',
];

function plain(document: ApiDocument): unknown {
  const text = NOTHING.reduce(
    (rest, each) => rest.replaceAll(`${each},`, '').replaceAll(`,${each}`, '').replaceAll(each, ''),
    JSON.stringify(apiPicture(document)),
  );
  return inOrder(JSON.parse(text));
}

/** Lists and members in one order, whatever order they were made in. */
function inOrder(value: Any): Any {
  if (typeof value !== 'object' || value === null) return value;
  if (!Array.isArray(value)) {
    const keys = Object.keys(value).sort();
    return Object.fromEntries(keys.map((key) => [key, inOrder(value[key])]));
  }
  const texts = value.map((each) => JSON.stringify(inOrder(each))).sort();
  return texts.map((text) => JSON.parse(text));
}

async function pictureIn({ get, direct }: Workbench): Promise<unknown> {
  const [only, ...others] = (await get('/v2/apis')).items;
  expect(others).toEqual([]);
  return plain(await readApi(controlClient(direct), only.apiId));
}

/** What a stack made goes with it, and nothing stays. */
async function clear({ context, get }: Workbench): Promise<void> {
  expect(await destroyStack(context)).toEqual([]);
  expect((await get('/v2/apis')).items).toEqual([]);
}

test('one template after another ends as the last one does alone', async () => {
  const property = fc.asyncProperty(
    fc.array(randomTemplate, { minLength: 2, maxLength: 4 }),
    async (templates) => {
      try {
        for (const each of templates) await bench.deploy(each);
        const last = templates.at(-1)!;
        expect(await bench.plan(last)).toEqual([]);
        await fresh.deploy(last);
        expect(await pictureIn(bench)).toEqual(await pictureIn(fresh));
      } finally {
        for (const each of [bench, fresh]) await clear(each);
      }
    },
  );
  await fc.assert(property, {
    seed: Number(process.env.SEED ?? 20_260_102),
    numRuns: Number(process.env.RUNS ?? 40),
  });
});

test.each(exportFormats.filter((format) => format !== 'terraform'))(
  'an API comes out as %s and goes in again unchanged',
  async (format) => {
    const property = fc.asyncProperty(randomTemplate, async (template) => {
      try {
        await bench.deploy(template);
        const [{ apiId }] = (await bench.get('/v2/apis')).items;
        const { text } = exportApi(await readApi(controlClient(bench.direct), apiId), format);
        await importInto(text);
        expect(await pictureIn(fresh)).toEqual(await pictureIn(bench));
      } finally {
        for (const each of [bench, fresh]) await clear(each);
      }
    });
    await fc.assert(property, bounds(10));
  },
);

const bounds = (numRuns: number) => ({ seed: 20_260_102, numRuns });

/** Into the empty gateway, as the file it would be. */
async function importInto(text: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'postern-test-'));
  try {
    const path = join(folder, 'api.yaml');
    writeFileSync(path, text);
    const { region, account } = environment;
    const file = readTemplate(path, { options: {}, env: {}, account });
    const { store, name: stackName } = fresh.context;
    await deployFile(file, {
      call: fresh.direct,
      store,
      region,
      account,
      stackName,
      parameters: {},
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Metrics of several processes that serve one port, put together. What counts up is summed and never falls,
 * also when a process ends that had counted; what is a process's own keeps the number of its worker.
 */

/** How the values of several processes become one. */
export type Across = 'sum' | 'least';

export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Where it is not the family's own: the parts of a histogram. */
  readonly metricName?: string;
}

/** All values of one metric, as plain data. */
export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  /** Absent: each process has its own, such as its memory. */
  readonly across?: Across;
  readonly values: readonly Sample[];
}

/** What one worker has counted. */
export interface WorkerFamilies {
  readonly worker: number;
  readonly families: readonly Family[];
  /** It has not answered in time: what it said before stands for it, where it counts. */
  readonly isSilent?: boolean;
}

/** What all of them have, and what those had counted that have ended. */
export interface Gathered {
  readonly workers: readonly WorkerFamilies[];
  readonly ended: readonly Family[];
}

/** The families of the whole, in the order of the first worker's. */
export function putTogether({ workers, ended }: Gathered): Family[] {
  const all = new Map<string, Family[]>();
  for (const { worker, families, isSilent } of workers) {
    for (const family of families) {
      if (family.across === undefined && isSilent) continue;
      const parts = all.get(family.name) ?? [];
      all.set(family.name, parts);
      parts.push(family.across === undefined ? labelled(family, worker) : family);
    }
  }
  for (const family of ended) all.get(family.name)?.push(family);
  return [...all.values()].map(joined);
}

/** What counts up in both: what remains of a worker when it has ended. */
export function addCounted(before: readonly Family[], more: readonly Family[]): Family[] {
  const counted = [...before, ...more].filter(
    ({ type, across }) => across === 'sum' && type !== 'gauge',
  );
  const byName = new Map<string, Family[]>();
  for (const family of counted) {
    byName.set(family.name, [...(byName.get(family.name) ?? []), family]);
  }
  return [...byName.values()].map(joined);
}

function labelled(family: Family, worker: number): Family {
  const label = { worker: String(worker) };
  const values = family.values.map((sample) => ({
    ...sample,
    labels: { ...sample.labels, ...label },
  }));
  return { ...family, values };
}

/** One family of several of the same name. Those that are each process's own differ in their labels. */
function joined(families: readonly Family[]): Family {
  const [first] = families as [Family];
  if (families.length === 1) return first;
  const values = new Map<string, Sample>();
  for (const sample of families.flatMap((family) => family.values)) {
    const key = `${sample.metricName ?? ''} ${JSON.stringify(sample.labels)}`;
    const known = values.get(key);
    const value = known ? combined(first.across, known.value, sample.value) : sample.value;
    values.set(key, { ...sample, value });
  }
  return { ...first, values: [...values.values()] };
}

function combined(across: Across | undefined, one: number, other: number): number {
  return across === 'least' ? Math.min(one, other) : one + other;
}

/** What was made, as it is counted. */
export const made = [
  'containers',
  'volumes',
  'networks',
  'images',
  'execs',
  'builds',
  'services',
  'secrets',
  'configs',
] as const;
export type Made = (typeof made)[number];

/** All that is added up. */
export const counted = ['requests', 'denied', ...made] as const;

export type Counted = Readonly<Record<(typeof counted)[number], number>>;

/** What is counted of one key in one time. */
export interface Tally extends Counted {
  /** Times of the first and the last request, in milliseconds since 1970; absent: things were made, by earlier requests. */
  readonly first?: number | undefined;
  readonly last?: number | undefined;
  /** Of a rule: the id of the newest decision that it denied. */
  readonly newest?: string | undefined;
}

/** The tally of nothing. */
export const nothing: Counted = {
  requests: 0,
  denied: 0,
  containers: 0,
  volumes: 0,
  networks: 0,
  images: 0,
  execs: 0,
  builds: 0,
  services: 0,
  secrets: 0,
  configs: 0,
};

/** Two tallies as one. */
export function sumOf(a: Tally, b: Tally): Tally {
  const sum: { -readonly [K in keyof Counted]: number } = { ...nothing };
  for (const name of counted) sum[name] = a[name] + b[name];
  return {
    ...sum,
    first: of(Math.min, a.first, b.first),
    last: of(Math.max, a.last, b.last),
    newest: (a.newest ?? '') > (b.newest ?? '') ? a.newest : b.newest,
  };
}

function of(which: (...values: number[]) => number, a: number | undefined, b: number | undefined) {
  return a === undefined || b === undefined ? (a ?? b) : which(a, b);
}

/** The order of two texts as SQLite has it, near enough: by their code units. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

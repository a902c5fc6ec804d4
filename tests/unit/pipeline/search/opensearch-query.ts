/** The part of the query language that is used; anything else is an error. */

export interface Source {
  readonly time: number;
  readonly [field: string]: unknown;
}

interface Asked {
  readonly query: object;
  readonly size: number;
  readonly sort: readonly Readonly<Record<string, 'asc' | 'desc'>>[];
  readonly search_after?: readonly (string | number)[] | undefined;
}

interface Bool {
  readonly filter?: readonly object[];
  readonly must?: readonly object[];
  readonly must_not?: readonly object[];
  readonly should?: readonly object[];
  readonly minimum_should_match?: number;
}

export function evaluate(sources: readonly Source[], { query, size, sort, search_after: after }: Asked): Source[] {
  const fields = sort.flatMap((part) => Object.entries(part)).filter(([field]) => field !== '_score');
  const compare = (a: (field: string, at: number) => unknown, b: (field: string, at: number) => unknown): number => {
    for (const [at, [field, order]] of fields.entries()) {
      const [x, y] = [a(field, at), b(field, at)] as [string, string];
      if (x !== y) return x < y === (order === 'asc') ? -1 : 1;
    }
    return 0;
  };
  const valueOf = (source: Source) => (field: string) => source[field];
  return sources
    .filter((source) => matches(source, query))
    .sort((a, b) => compare(valueOf(a), valueOf(b)))
    .filter((source) => !after || compare(valueOf(source), (_field, at) => after[at]) > 0)
    .slice(0, size);
}

function matches(source: Source, query: object): boolean {
  const [[kind, body] = ['', {}]] = Object.entries(query) as [string, Record<string, unknown>][];
  if (Object.keys(query).length !== 1) throw new SyntaxError('a query has one kind');
  if (kind === 'bool') return bool(source, body);
  const [[field, value] = ['', undefined]] = Object.entries(body);
  const values = [source[field]].flat();
  switch (kind) {
    case 'term':
      return values.includes(value);
    case 'prefix':
      return values.some((candidate) => String(candidate).startsWith(String(value)));
    case 'range':
      return inRange(Number(source[field]), value as { gte?: number; lt?: number });
    case 'fuzzy':
      return values.some((candidate) => distance(String(candidate), (value as { value: string }).value) <= 2);
    default:
      throw new SyntaxError(`unknown query [${kind}]`);
  }
}

function bool(source: Source, { filter = [], must = [], must_not = [], should = [], ...rest }: Bool): boolean {
  const { minimum_should_match: least = 0, ...unknown } = rest;
  if (Object.keys(unknown).length > 0) throw new SyntaxError('unknown clause of bool');
  return (
    [...filter, ...must].every((query) => matches(source, query)) &&
    !must_not.some((query) => matches(source, query)) &&
    should.filter((query) => matches(source, query)).length >= least
  );
}

const inRange = (value: number, { gte = -Infinity, lt = Infinity }: { gte?: number; lt?: number }): boolean =>
  value >= gte && value < lt;

/** How many letters differ (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

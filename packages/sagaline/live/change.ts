/** A place between two changes: everything up to and including it has been seen. */
export interface Cursor {
  /** Transaction id. */
  readonly xid: bigint;
  readonly id: bigint;
}

export interface Change {
  readonly cursor: Cursor;
  /** `saga`, or what a projection tells. */
  readonly kind: string;
  /** JSON text. */
  readonly data: string;
}

/** As it stands in `id:` and `Last-Event-ID`. */
export const textOfCursor = ({ xid, id }: Cursor): string => `${xid}-${id}`;

/** Undefined for what no server of ours has said. */
export function parseCursor(text: string): Cursor | undefined {
  const [, xid, id] = /^([0-9]{1,19})-([0-9]{1,18})$/.exec(text) ?? [];
  return xid === undefined || id === undefined ? undefined : { xid: BigInt(xid), id: BigInt(id) };
}

export function isAfter(a: Cursor, b: Cursor): boolean {
  return a.xid > b.xid || (a.xid === b.xid && a.id > b.id);
}

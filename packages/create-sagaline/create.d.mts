export interface CreateOptions {
  /** Version of sagaline, or a path of its tarball. */
  readonly sagaline?: string | undefined;
}

export interface Created {
  readonly root: string;
  /** Relative to it, sorted. */
  readonly files: readonly string[];
}

/** A name or a directory that does not fit; the message says what to do. */
export class CannotCreate extends Error {}

/** Writes a repository. @throws CannotCreate; nothing was written then */
export function createRepository(directory: string, options?: CreateOptions): Promise<Created>;

/** Why npm would refuse a package of this name; undefined if it would not. */
export function nameProblem(name: string): string | undefined;

/** The corpus of the reference application: what its sagas really did. */
import { resolve } from 'node:path';

export const HISTORIES = resolve(import.meta.dirname, '../histories');

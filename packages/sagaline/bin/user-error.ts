/** A command line, name or repository that does not fit: its message is all that its reader needs. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

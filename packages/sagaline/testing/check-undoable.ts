/** What the barrier needs of a far end, tried on a real one: that a request with a key is taken once, and can be asked about. */
import { bindHttp } from '../participants/barrier/call-http.ts';
import type { Call, Undoable } from '../participants/barrier/ports.ts';
import { createHttp } from '../participants/http.ts';
import type { ParticipantTools } from '../participants/tools.ts';
import { FinalFailure } from '../contracts/failures.ts';

/** One law of an action that can be undone does not hold at this far end; the message says which. */
export class NotUndoable extends Error {
  override readonly name = 'NotUndoable';
}

/** A participant as `remoteParticipant` makes it, whatever its variables and methods are. */
export interface Created<Env> {
  readonly name: string;
  /** As the engine calls it. */
  readonly create: (tools: ParticipantTools & { readonly env: Env }) => object;
}

/** Where the far end is, and what it is asked for. */
export interface CheckUndoableOptions<Env> {
  /** Its variables; the URL of a far end that may be written to, such as the practice one (`startPracticeFarEnd`). */
  readonly env: Env;
  /** The name of the barrier, such as `room`. */
  readonly call: string;
  /** What the far end takes. */
  readonly input: object;
  /** For one of `do`, `find` and `undo`, in ms. */
  readonly timeoutMs?: number;
}

type AnyUndoable = Undoable<object, object>;

/**
 * Asks the far end through the author's `do`, `find` and `undo`, as the barrier would after lost replies and late arrivals: nothing
 * is found before it was done; twice is once; it is found; it is taken back, also twice; and then it is not found, nor done again.
 *
 * @throws NotUndoable
 */
export async function checkUndoable<Env>(
  participant: Created<Env>,
  { env, call, input, timeoutMs = 5_000 }: CheckUndoableOptions<Env>,
): Promise<void> {
  const undoable = undoableOf(participant, env, call);
  const key = `check/${crypto.randomUUID()}/${call}`;
  const about = (suffix = ''): Call => {
    const own = { key: `${key}${suffix}`, withinMs: timeoutMs };
    return { ...own, http: bindHttp(createHttp(), own) };
  };
  const law = (holds: boolean, what: string) => {
    if (!holds) throw new NotUndoable(`${participant.name}.${call}: ${what}`);
  };
  const find = () => undoable.find(about());
  const undo = (answer: object) => undoable.undo(answer, about('/undo'), rowOf(key, answer));

  law((await find()) === undefined, 'find says that it was done before it was');
  const answer = await undoable.do(input, about());
  const again = await undoable.do(input, about());
  law(isSame(again, answer), 'do under the same key answers differently the second time: was it done twice?');
  const found = await find();
  law(found !== undefined && isSame(found, answer), 'find does not say what do said');
  await undo(answer);
  await undo(answer);
  law((await find()) === undefined, 'find says that it is still done after undo');
  const refused = await undoable.do(input, about()).then(
    () => false,
    (error: unknown) => error instanceof FinalFailure,
  );
  // An attempt may arrive after its undoing: then the barrier takes it back, if it can be seen.
  law(refused || (await find()) !== undefined, 'do after undo is neither refused for good nor found');
}

const isSame = (one: object, other: object): boolean => JSON.stringify(one) === JSON.stringify(other);

const rowOf = (key: string, answer: object) =>
  ({ key, state: 'done', asked: true, undone: true, answer, openForMs: 0 }) as const;

/** What the author gave the barrier of this name. @throws TypeError when there is none */
function undoableOf<Env>({ name, create }: Created<Env>, env: Env, call: string): AnyUndoable {
  const made = new Map<string, AnyUndoable>();
  const unavailable = (what: string) => () => {
    throw new TypeError(`${name}: checkUndoable has no ${what}; it asks the far end, and nothing else`);
  };
  create({
    env,
    http: createHttp(),
    barrier: (one: string, undoable: unknown) => {
      made.set(one, undoable as AnyUndoable);
      return { act: unavailable('act'), undo: unavailable('undo') };
    },
    database: new Proxy({}, { get: unavailable('database') }),
    recordEvent: unavailable('recordEvent'),
    workflowId: () => undefined,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    counter: () => () => undefined,
    onClose: () => undefined,
    inBackground: () => undefined,
    failpoint: () => undefined,
  } as unknown as ParticipantTools & { readonly env: Env });
  const undoable = made.get(call);
  if (undoable) return undoable;
  throw new TypeError(`${name} has no barrier ${call}; it has ${[...made.keys()].join(', ') || 'none'}`);
}

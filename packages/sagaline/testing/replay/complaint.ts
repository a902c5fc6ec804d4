import { relative } from 'node:path';
import type { NamedHistory } from './histories.ts';

/** What a replay complains of, for people. */
export interface Complaint {
  readonly message: string;
  /**
   * The event at which code and history part, as in `event 7, ActivityTaskScheduled payment`, or the line of ours that threw;
   * undefined where the replay names neither.
   */
  readonly where: string | undefined;
}

/** Makes two lines of what Temporal's core says, which is the whole failure as Rust prints it for debugging. */
export function readComplaint(text: string, { history }: NamedHistory): Complaint {
  const message = quoted(text, 'message') ?? text.trim();
  return { message, where: eventIn(message) ?? activityIn(message, history) ?? lineIn(quoted(text, 'stack_trace')) };
}

/** The first non-empty `field: "…"`. */
function quoted(text: string, field: string): string | undefined {
  const literal = new RegExp(`\\b${field}: ("(?:[^"\\\\]|\\\\.)+")`).exec(text)?.[1];
  if (literal === undefined) return undefined;
  try {
    return String(JSON.parse(literal));
  } catch {
    // Rust escapes what JSON does not.
    return literal.slice(1, -1);
  }
}

function eventIn(message: string): string | undefined {
  const [, id, type] = /HistoryEvent\(id: (\d+), (\w+)\)/.exec(message) ?? [];
  return id && type ? `event ${id}, ${type}` : undefined;
}

function activityIn(message: string, { events }: NamedHistory['history']): string | undefined {
  const [, activity] = /of scheduled event '([^']+)'/.exec(message) ?? [];
  if (activity === undefined) return undefined;
  const scheduled = events?.find(({ activityTaskScheduledEventAttributes: it }) => {
    return it?.activityId === activity || it?.activityType?.name === activity;
  });
  return scheduled && `event ${String(scheduled.eventId)}, ActivityTaskScheduled ${activity}`;
}

/** The topmost line of a stack that is neither the bundle's nor a package's. */
function lineIn(stack = ''): string | undefined {
  const places = [...stack.matchAll(/\(?(\/[^\s()]+\.ts:\d+):\d+/g)].map(([, place = '']) =>
    relative(process.cwd(), place),
  );
  return places.find((place) => !place.includes('node_modules/'));
}

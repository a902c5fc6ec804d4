/**
 * Where an event stands for one saga. `received` is the only one that a redelivery takes up again; `parked` is taken up
 * when the saga arrives, or by the sweeper.
 */
export type InboxState = 'received' | 'started' | 'signalled' | 'parked' | 'ignored' | 'tooLate' | 'deadLettered';

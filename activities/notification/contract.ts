/** What sagas may ask of notifications. */

export type Template = 'order-paid' | 'order-rejected' | 'welcome' | 'follow-up' | 'error-burst';

/** A person's addresses, or whoever operates this: the configuration knows where, and may know of nobody. */
export type Recipient = { email?: string | undefined; phone?: string | undefined } | 'operators';

/** Remote: SMTP server and SMS carrier. One message per channel that `to` has an address for. */
export interface NotificationActivities {
  /** @throws RecipientRefused, ActionUndone (final) */
  send(input: {
    to: Recipient;
    template: Template;
    subjectId: string;
    /** Kind of the subject, for the events; as the template says unless told. */
    subjectKind?: string;
    /** Values for the template. */
    values?: Record<string, string | number>;
    key: string;
  }): Promise<{ sent: ('email' | 'sms')[] }>;
  /**
   * Sends a correction on every channel on which the action's message went out, or may have when its attempt died. `refused`: where
   * the recipient is refused for good, so that nobody can be told, which is no failure of the undoing.
   */
  correct(input: {
    actionKey: string;
    template: Template;
    subjectId: string;
    /** Kind of the subject, for the events; as the template says unless told. */
    subjectKind?: string;
    values?: Record<string, string | number>;
    key: string;
  }): Promise<{ corrected: ('email' | 'sms')[]; refused?: ('email' | 'sms')[] }>;
}

/** What sagas may ask of payments. */

/** What an action is about: its kind and id travel in the participant's events. */
export interface Subject {
  /** Such as `order`: lower-case letters, digits and hyphens. */
  readonly kind: string;
  readonly id: string;
}

/** What is paid for: an order by its id, or anything else with its kind. */
export type PaidFor =
  | { readonly orderId: string; readonly subject?: undefined }
  | { readonly subject: Subject; readonly orderId?: undefined };

/** Remote: the payment provider. Amounts in minor units. */
export interface PaymentActivities {
  /** @throws PaymentDeclined, ChargeUndone, KeyReused (final) */
  charge(
    input: PaidFor & { amount: number; currency: string; token: string; key: string },
  ): Promise<{ paymentId: string; amount: number }>;
  /** @throws RefundRefused (final) */
  refund(input: PaidFor & { actionKey: string; key: string }): Promise<{ refunded: number }>;
}

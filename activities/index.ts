/** The application's participants: whoever adds one adds it here. */
import { analytics } from './analytics/index.ts';
import { notification } from './notification/index.ts';
import { payment } from './payment/index.ts';
import { profile } from './profile/index.ts';

export const participants = [payment, notification, analytics, profile] as const;

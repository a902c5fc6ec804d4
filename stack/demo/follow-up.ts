/** Sign-up's durable timer is 3 days; nobody wants to watch that. For SAGA_SETTINGS of the gateway that the demo plays with. */
export const FOLLOW_UP_SETTINGS = '{"signupSaga":{"followUpAfter":"4 seconds"}}';

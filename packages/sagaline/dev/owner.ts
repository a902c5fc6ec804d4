import type { Declaration } from '../config/declaration.ts';

/** Whose servers they are: the repository that they are started for. */
export interface StackOwner {
  /** Of its servers, unless SAGALINE_STACK_NAME says another: several stacks may run at the same time. */
  readonly name: string;
  /** Its folder: state and logs go to `.sagaline` in it. */
  readonly root: string;
  /** Its compose file, for servers in Docker. */
  readonly composeFile: string;
  /** Those of its services that Sagaline needs: kafka, postgres, temporal, and what else has its UI. What these depend on comes along. */
  readonly composeServices: readonly string[];
  /** What participants talk to while an application is developed; none unless told. */
  readonly sandbox?: Sandbox;
  /** What its messages call the command that brings the servers up. */
  readonly command: string;
}

/** Payment provider, SMS carrier and mail catcher in one process. */
export interface Sandbox {
  /** Its main file. */
  readonly main: string;
  /** Those whose variables say where they are when somebody else runs them: PAYMENT_URL, SMS_URL, SMTP_URL. */
  readonly declared: readonly Declaration[];
}

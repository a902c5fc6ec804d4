/** Participants as a worker makes them, on an environment that a test writes down. */
import { createParticipants, type ParticipantDeps } from '../../packages/sagaline/participants/create-participants.ts';
import type { AnyParticipant } from '../../packages/sagaline/participants/participant.ts';
import { createFailpoint } from '../../packages/sagaline/ground/failpoints.ts';
import { readConfig } from '../../packages/sagaline/config/config.ts';
import { envOf } from '../../packages/sagaline/config/declared.ts';
import { catalogue } from './reference.ts';

type Deps<Participants extends readonly AnyParticipant[]> = Pick<
  ParticipantDeps<Participants>,
  'participants' | 'database'
> &
  Partial<ParticipantDeps<Participants>>;

/** @param environment variables of the participants; their defaults for all that it does not have */
export function participantsOf<const Participants extends readonly AnyParticipant[]>(
  environment: Readonly<Record<string, string>>,
  deps: Deps<Participants>,
) {
  const config = readConfig(environment, { servesApi: false, declared: deps.participants });
  return createParticipants<Participants>({
    failpoint: createFailpoint([]),
    catalogue,
    envOf: (participant) => envOf(config, participant),
    ...deps,
  });
}

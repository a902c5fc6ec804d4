/** What `sagaline new` writes: it compiles, and its test passes, before anything in it is changed. */
import type { Names } from './names.ts';

export const participantFile = ({ kebab, camel, constant }: Names): string => `\
import { FinalFailure, remoteParticipant } from 'sagaline';
import { z } from 'zod';

/** ${kebab}: whoever asks names what is made, so every request may be repeated. */
export const ${camel} = remoteParticipant('${camel}', {
  env: { ${constant}_URL: z.url() },
  create({ env, barrier }) {
    const at = (key: string) => \`\${env.${constant}_URL}/reservations/\${encodeURIComponent(key)}\`;

    // An undoing may come before its action, an action after its undoing, and either twice: the barrier sees to all of it.
    const { act: reserve, undo: release } = barrier('reservation', {
      async do(wanted: { subjectId: string }, { key, http }) {
        const { status } = await http.put(at(key), wanted, { answers: [422] });
        // Trying again would not help: the saga turns around.
        if (status === 422) throw new FinalFailure('ReservationRefused', 'the reservation was refused');
        return { reservation: key };
      },
      async find({ key, http }) {
        const { status } = await http.get(at(key), { answers: [404] });
        return status === 200 ? { reservation: key } : undefined;
      },
      async undo({ reservation }, { http }) {
        await http.delete(at(reservation));
      },
    });

    return { reserve, release };
  },
});
`;

export const participantTest = ({ kebab, camel, constant }: Names): string => `\
import { checkUndoable, startPracticeFarEnd } from 'sagaline/testing';
import { test } from 'vitest';
import { ${camel} } from '../participants/${kebab}.ts';

test('what ${camel} does is done once, can be found, and is taken back for good', async () => {
  const farEnd = await startPracticeFarEnd();
  try {
    const env = { ${constant}_URL: farEnd.url };
    await checkUndoable(${camel}, { env, call: 'reservation', input: { subjectId: 's-1' } });
  } finally {
    await farEnd.close();
  }
});
`;

export const sagaFile = ({ kebab, camel }: Names, participant: Names): string => `\
/**
 * ${kebab}.requested ─► reservation ─► ${kebab}.completed
 *                           └─ refused, deadline ─► undone ─► ${kebab}.rejected
 */
import { defineEvents, defineSaga, event, Id, remote, RolledBack } from 'sagaline/workflow';
import { z } from 'zod';
import type { ${participant.camel} } from '../participants/${participant.kebab}.ts';

export const ${camel}Events = defineEvents({
  '${kebab}.requested': event('${camel}Id', z.object({ ${camel}Id: Id })),
  '${kebab}.completed': event('${camel}Id', z.object({ ${camel}Id: Id })),
  '${kebab}.rejected': event('${camel}Id', RolledBack.extend({ ${camel}Id: Id })),
});

const participant = remote<typeof ${participant.camel}>('${participant.camel}');

export const ${camel}Saga = defineSaga({
  name: '${camel}Saga',
  on: ${camel}Events['${kebab}.requested'],
  sagaId: ({ ${camel}Id }) => ${camel}Id,
  subject: ({ ${camel}Id }) => ({ ${camel}Id }),
  deadline: '1 hour',
  outcomes: { completed: ${camel}Events['${kebab}.completed'], rolledBack: ${camel}Events['${kebab}.rejected'] },

  async run({ ${camel}Id }, saga) {
    await saga.compensatable('reservation', {
      action: (key) => participant.reserve({ subjectId: ${camel}Id, key }),
      compensation: ({ actionKey }) => participant.release({ actionKey }),
    });
    return { ${camel}Id };
  },
});
`;

export const sagaTest = ({ kebab, camel }: Names): string => `\
import { sagaTests } from 'sagaline/testing';
import { test } from 'vitest';
import { ${camel}Events as events, ${camel}Saga } from '../workflows/${kebab}.saga.ts';

const { given } = sagaTests(new URL('../workflows/', import.meta.url));
const request = { ${camel}Id: '${kebab}-1' };

test('a ${kebab} completes', () => given(${camel}Saga).started(request).expectOutcome(events['${kebab}.completed'], request));

test('a refused reservation is no ${kebab}', () =>
  given(${camel}Saga)
    .where('reservation', (it) => it.failsForGood('ReservationRefused'))
    .started(request)
    .expectOutcome(events['${kebab}.rejected'], { ...request, reason: 'ReservationRefused' }));
`;

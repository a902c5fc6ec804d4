/** sagaline new saga <name> | new participant <name> */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { appFileOf } from '../app-file.ts';
import { UserError } from '../user-error.ts';
import { namesOf, type Names } from './names.ts';
import { registered } from './register.ts';
import { participantFile, participantTest, sagaFile, sagaTest } from './templates.ts';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Texts by path, relative to the repository. */
type Files = Readonly<Record<string, string>>;

/** @throws UserError for a name that is none, and for files that are there: nothing is written then */
export async function addNew(args: readonly string[]): Promise<void> {
  const { file: appFile, rest } = appFileOf(args);
  const [kind, name, ...more] = rest;
  if ((kind !== 'saga' && kind !== 'participant') || more.length > 0) {
    throw new UserError('sagaline new saga <name>, or sagaline new participant <name>');
  }
  const names = namesOf(name, kind);
  const root = dirname(appFile);
  if (kind === 'saga') await addSaga(names, root, appFile);
  else await addParticipant(names, root, appFile);
}

async function addParticipant(names: Names, root: string, appFile: string): Promise<void> {
  await write(root, filesOfParticipant(names));
  await register(names, appFile);
  say(
    `\nNext: npm test; write into participants/${names.kebab}.ts what its far end is asked. Until there is one, a practice ` +
      `far end: ${await devCommand(root)} --far-end ${names.constant}_URL`,
  );
}

async function addSaga(names: Names, root: string, appFile: string): Promise<void> {
  const participant = join(root, 'participants', `${names.kebab}.ts`);
  const isThere = existsSync(participant);
  if (isThere && !/return \{ reserve, release \}/.test(await readFile(participant, 'utf8'))) {
    throw new UserError(
      `participants/${names.kebab}.ts is there, and not as \`sagaline new\` made it: a new saga begins with a participant ` +
        'of its own name. Choose another name, and have it call yours afterwards',
    );
  }
  await write(root, {
    [`workflows/${names.kebab}.saga.ts`]: sagaFile(names, names),
    [`tests/${names.kebab}.saga.test.ts`]: sagaTest(names),
    ...(isThere ? {} : filesOfParticipant(names)),
  });
  if (!isThere) await register(names, appFile);
  say(
    `\nNext: npm test; write into workflows/${names.kebab}.saga.ts its events and steps. It starts with\n` +
      `  ${await devCommand(root)} --far-end ${names.constant}_URL\n` +
      `  curl http://127.0.0.1:8080/v1/events/${names.kebab}.requested -H 'Content-Type: application/json' ` +
      `-d '{"${names.camel}Id":"1"}'`,
  );
}

/** The repository's own, which has the far ends of its other participants. */
async function devCommand(root: string): Promise<string> {
  const text = await readFile(join(root, 'package.json'), 'utf8').catch(() => '');
  return /"dev": *"sagaline dev/.test(text) ? 'npm run dev --' : 'npx sagaline dev';
}

const filesOfParticipant = (names: Names): Files => ({
  [`participants/${names.kebab}.ts`]: participantFile(names),
  [`tests/${names.kebab}.test.ts`]: participantTest(names),
});

async function write(root: string, files: Files): Promise<void> {
  const there = Object.keys(files).filter((file) => existsSync(join(root, file)));
  if (there.length > 0) throw new UserError(`${there.join(', ')} is there already, and nothing was written`);
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text, { flag: 'wx' });
    say(`wrote ${file}`);
  }
}

async function register(names: Names, appFile: string): Promise<void> {
  const text = registered(await readFile(appFile, 'utf8'), names);
  if (text !== undefined) {
    await writeFile(appFile, text);
    return say(`added ${names.camel} to the participants of ${basename(appFile)}`);
  }
  say(
    `${basename(appFile)} has no list \`participants: [ … ]\` that could be added to. Add this yourself:\n` +
      `  import { ${names.camel} } from './participants/${names.kebab}.ts';\n  participants: [ …, ${names.camel}]`,
  );
}

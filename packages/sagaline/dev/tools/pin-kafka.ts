/** npm run pin:kafka -- VERSION: asks Maven what that version of Kafka consists of, and writes the pinned list anew. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { run } from './run.ts';

const LIST = join(import.meta.dirname, 'downloads', 'pinned-jars.ts');
const DEPENDENCY_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** The binding of slf4j 1.7, which Kafka logs through. */
const LOG4J = '2.24.3';

const pom = (version: string) => `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sagaline</groupId>
  <artifactId>kafka</artifactId>
  <version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${version}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>${LOG4J}</version></dependency>
  </dependencies>
</project>
`;

/** Paths below a repository's address: group as folders, artifact, version, file. */
async function resolveJars(version: string, directory: string): Promise<readonly string[]> {
  await writeFile(join(directory, 'pom.xml'), pom(version));
  const layout = ['-Dmdep.useRepositoryLayout=true', `-DoutputDirectory=${join(directory, 'libs')}`];
  await run('mvn', ['-B', '-q', DEPENDENCY_PLUGIN, ...layout], { cwd: directory });
  const files = await readdir(join(directory, 'libs'), { recursive: true });
  return files.filter((file) => file.endsWith('.jar')).sort((a, b) => basename(a).localeCompare(basename(b)));
}

function lineFor(path: string, content: Buffer): string {
  const [artifactPath, version] = [dirname(dirname(path)), basename(dirname(path))];
  const group = dirname(artifactPath).replaceAll('/', '.');
  const sha256 = createHash('sha256').update(content).digest('hex');
  return `  ['${group}:${basename(artifactPath)}:${version}', ${content.length}, '${sha256}'],\n`;
}

const [version] = process.argv.slice(2);
if (!version) {
  process.stderr.write('usage: npm run pin:kafka -- VERSION, such as 4.1.1; needs Maven\n');
  process.exit(1);
}
const directory = await mkdtemp(join(tmpdir(), 'sagaline-pin-'));
try {
  const jars = await resolveJars(version, directory);
  const lines = await Promise.all(
    jars.map(async (path) => lineFor(path, await readFile(join(directory, 'libs', path)))),
  );
  const list = (await readFile(LIST, 'utf8'))
    .replace(/(KAFKA = )'[^']*'/, `$1'${version}'`)
    .replace(/(const JARS[^]*? = \[\n)[^]*?(\];)/, (_, begin: string, end: string) => begin + lines.join('') + end);
  await writeFile(LIST, list);
  process.stdout.write(`${LIST}: Kafka ${version}, ${jars.length} jars\n`);
} finally {
  await rm(directory, { recursive: true });
}

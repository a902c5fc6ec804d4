/**
 * The entry of the workflow bundle: the sagas of the folder for which bundle.ts makes `sagaline-sagas` stand. CommonJS, because
 * what it exports is known only when it is bundled; it runs in Temporal's sandbox alone.
 */
const files = require.context('sagaline-sagas', false, /\.saga\.[jt]s$/);

for (const file of files.keys()) {
  for (const [name, value] of Object.entries(files(file))) {
    // Saga files may export more than sagas, such as their events.
    if (typeof value === 'function' && 'saga' in value) exports[name] = value;
  }
}

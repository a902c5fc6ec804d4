/**
 * Stands in for zod in Temporal's sandbox: files of sagas declare schemas, and sagas never parse. Whatever is built with it is
 * itself, so `z.object({ … }).extend(Other.shape)` can be evaluated; what parses says that this is not the place.
 *
 * The real one would be a megabyte more in the bundle, and be compiled anew for every worker.
 */
const PARSERS = /^(safe)?(parse|decode|encode)(Async)?$/i;

const standIn = new Proxy(function zod() {}, {
  apply: () => standIn,
  construct: () => standIn,
  has: () => true,
  get(_, name) {
    if (typeof name === 'string' && PARSERS.test(name)) return refuse;
    // A promise it is not, and no text, number or list either.
    return typeof name === 'symbol' || name === 'then' ? undefined : standIn;
  },
});

function refuse() {
  throw new Error(
    'a schema parses nothing within a workflow: payloads are checked before they come in, by whoever reads them',
  );
}

module.exports = standIn;

/** What the images can run, by the first argument of the container. */
export const COMMANDS: Readonly<Record<string, string>> = {
  gateway: 'gateways/gateway',
  worker: 'gateways/worker',
  pipeline: 'gateways/pipeline',
  'all-in-one': 'gateways/all-in-one',
  migrate: 'gateways/migrate',
  saga: 'gateways/saga',
  // Only in the image of the sandbox.
  sandbox: 'sandbox/main',
  demo: 'stack/demo/attach',
};

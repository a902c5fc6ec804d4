import { z } from 'zod';
import { createAutoStack } from './auto.ts';
import { createDockerStack } from './docker.ts';
import { createExternalStack } from './external.ts';
import { createNativeStack } from './native.ts';
import type { StackOwner } from './owner.ts';
import type { StackProvider } from './provider.ts';

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

const Settings = z.object({
  /** auto: see auto.ts. */
  SAGALINE_STACK: z.enum(['auto', 'native', 'docker', 'external']).default('auto'),
  SAGALINE_STACK_NAME: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'must be letters, digits, _ or -')
    .optional(),
  SAGALINE_STACK_PERSIST: flag.default(false),
  SAGALINE_POSTGRES_FSYNC: flag.default(true),
});

/** A setting of the stack that does not fit. */
export class InvalidStackSettings extends Error {
  override readonly name = 'InvalidStackSettings';
}

/** The provider that the environment asks for. @throws InvalidStackSettings, InvalidConfiguration */
export function createStack(
  owner: StackOwner,
  environment: NodeJS.ProcessEnv,
  report?: (message: string) => void,
): StackProvider {
  const parsed = Settings.safeParse(environment);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `  - ${issue.path.join('.')}: ${issue.message}`);
    throw new InvalidStackSettings(`the stack cannot be chosen:\n${problems.join('\n')}`);
  }
  const settings = parsed.data;
  const common = {
    owner,
    name: settings.SAGALINE_STACK_NAME ?? owner.name,
    persist: settings.SAGALINE_STACK_PERSIST,
    ...(report ? { report } : {}),
  };
  const external = () => createExternalStack(environment, owner);
  const native = () => createNativeStack({ ...common, ports: 'standard', fsync: settings.SAGALINE_POSTGRES_FSYNC });
  const docker = () => createDockerStack(common);
  switch (settings.SAGALINE_STACK) {
    case 'external':
      return external();
    case 'native':
      return native();
    case 'docker':
      return docker();
    case 'auto':
      return createAutoStack({ native: native(), docker: docker(), external }, environment);
  }
}

/** What is remembered of a stack in Docker between `up` and `down`: where its ports are on this machine. */
import { readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { STANDARD_PORTS, type PortName, type Ports } from '../native/ports.ts';

const DockerState = z.object({ ports: z.record(z.enum(Object.keys(STANDARD_PORTS) as PortName[]), z.int()) });

const pathIn = (stateDirectory: string) => join(stateDirectory, 'docker.json');

/** Undefined when the stack was never started, or the file cannot be read. */
export function readPorts(stateDirectory: string): Ports | undefined {
  try {
    return DockerState.parse(JSON.parse(readFileSync(pathIn(stateDirectory), 'utf8'))).ports;
  } catch {
    return undefined;
  }
}

export async function writePorts(stateDirectory: string, ports: Ports): Promise<void> {
  await mkdir(stateDirectory, { recursive: true });
  await writeFile(pathIn(stateDirectory), `${JSON.stringify({ ports }, null, 2)}\n`);
}

export async function forgetPorts(stateDirectory: string): Promise<void> {
  await rm(pathIn(stateDirectory), { force: true });
}

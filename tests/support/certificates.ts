/** X.509 certificates of a CA of our own, made anew by every test that wants some: no key lies in the repository. */
import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** PEM. */
export interface Certificate {
  readonly cert: string;
  /** PKCS #8. */
  readonly key: string;
}

/** DER: a tag, the length, the content. */
function der(tag: number, ...content: readonly (Buffer | readonly number[])[]): Buffer {
  const body = Buffer.concat(content.map((part) => Buffer.from(part)));
  const size = body.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const sequence = (...content: readonly Buffer[]): Buffer => der(0x30, ...content);
/** The one in front keeps it positive, and as short as DER wants it. */
const integer = (bytes: Buffer): Buffer => der(0x02, [1], bytes);
const oid = (...bytes: readonly number[]): Buffer => der(0x06, bytes);
const time = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));
const name = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from(commonName)))));
const extension = (id: Buffer, value: Buffer): Buffer => sequence(id, der(0x04, value));

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
/** localhost and 127.0.0.1. */
const NAMES = extension(
  oid(0x55, 0x1d, 0x11),
  sequence(der(0x82, Buffer.from('localhost')), der(0x87, [127, 0, 0, 1])),
);
const IS_CA = extension(oid(0x55, 0x1d, 0x13), sequence(der(0x01, [0xff])));
const DAY_MS = 86_400_000;

interface Issuer {
  readonly commonName: string;
  readonly privateKey: KeyObject;
}

function certificateOf(subject: string, issuer: Issuer, publicKey: KeyObject, extensions: Buffer): string {
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const tbs = sequence(
    der(0xa0, der(0x02, [2])),
    integer(createHash('sha256').update(spki).digest().subarray(0, 8)),
    ECDSA_WITH_SHA256,
    name(issuer.commonName),
    sequence(time(new Date(Date.now() - DAY_MS)), time(new Date(Date.now() + DAY_MS))),
    name(subject),
    spki,
    der(0xa3, sequence(extensions)),
  );
  const signature = sign('sha256', tbs, issuer.privateKey);
  const whole = sequence(tbs, ECDSA_WITH_SHA256, der(0x03, [0], signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** A CA, and what it signs, for servers on this machine and for their clients. */
export function createCertificates(commonName = 'Test CA') {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer: Issuer = { commonName, privateKey: pair.privateKey };
  const ca: Certificate = {
    cert: certificateOf(commonName, issuer, pair.publicKey, IS_CA),
    key: pem(pair.privateKey),
  };
  return {
    ca,
    issue: (subject: string): Certificate => {
      const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      return { cert: certificateOf(subject, issuer, publicKey, NAMES), key: pem(privateKey) };
    },
  };
}

/** A CA, a server's and a client's certificate, the client's as files that a configuration can name. */
export function certificateFiles() {
  const { ca, issue } = createCertificates();
  const [server, client] = [issue('server'), issue('client')];
  const directory = mkdtempSync(join(tmpdir(), 'sagaline-certificates-'));
  const write = (file: string, content: string): string => {
    writeFileSync(join(directory, file), content, { mode: 0o600 });
    return join(directory, file);
  };
  const files = {
    ca: write('ca.pem', ca.cert),
    cert: write('client.pem', client.cert),
    key: write('client.key', client.key),
  };
  return { ca, server, client, files, directory, write };
}

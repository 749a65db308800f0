import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

/** A certificate and its private key, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

const HOST = 'localhost';
const DAY_MS = 24 * 60 * 60 * 1_000;

const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'));
const COMMON_NAME = objectId('550403');
const BASIC_CONSTRAINTS = objectId('551d13');
const SUBJECT_ALT_NAME = objectId('551d11');
const YES = der(0x01, Buffer.from([0xff]));

/** A throw-away authority for TLS on this machine: Node can read certificates, but not make them. */
export class CertificateAuthority {
  /** What a client trusts, in PEM. */
  readonly cert: string;
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
    const extension = sequence(BASIC_CONSTRAINTS, YES, octets(sequence(YES)));
    this.cert = this.#issue(name, this.#keys.publicKey, DAY_MS, extension);
  }

  /** An identity of `localhost` that is valid until `validForMs` from now; negative: it has expired. */
  identity(validForMs = DAY_MS): Identity {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const extension = sequence(SUBJECT_ALT_NAME, octets(sequence(der(0x82, Buffer.from(HOST)))));
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    return { cert: this.#issue(HOST, publicKey, validForMs, extension), key: String(key) };
  }

  /** X.509 version 3, RFC 5280 section 4.1. */
  #issue(subject: string, publicKey: KeyObject, validForMs: number, extension: Buffer): string {
    const nowMs = Date.now();
    const content = sequence(
      der(0xa0, integer(Buffer.from([2]))),
      integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
      ECDSA_WITH_SHA256,
      distinguishedName(this.#name),
      sequence(utcTime(nowMs - 2 * DAY_MS), utcTime(nowMs + validForMs)),
      distinguishedName(subject),
      publicKey.export({ type: 'spki', format: 'der' }),
      der(0xa3, sequence(extension)),
    );
    const signature = sign('sha256', content, this.#keys.privateKey);
    return pem(sequence(content, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature)));
  }
}

/** The distinguished encoding of ASN.1: a tag, the length, the content. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...bytes]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function integer(bytes: Buffer): Buffer {
  return der(0x02, bytes);
}

function octets(content: Buffer): Buffer {
  return der(0x04, content);
}

function objectId(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function distinguishedName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(commonName)))));
}

/** `YYMMDDHHMMSSZ`. */
function utcTime(atMs: number): Buffer {
  return der(
    0x17,
    Buffer.from(
      `${new Date(atMs)
        .toISOString()
        .replace(/[-:T]|\..*/g, '')
        .slice(2)}Z`,
    ),
  );
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

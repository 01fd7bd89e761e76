import { createHash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const prefix = "tpat_";
/** 256 bits, and 32, in digits of 62. */
const randomDigits = 43;
const checksumDigits = 6;

const issued = new RegExp(`^${prefix}[0-9A-Za-z]{${randomDigits + checksumDigits}}$`);
/** From before there was a checksum: 32 bytes in base64url. */
const issuedBefore = new RegExp(`^${prefix}[0-9A-Za-z_-]{43}$`);

/**
 * 256 random bits between a prefix by which scanners for leaked secrets know it, and a checksum by which they know that it
 * is one: the CRC-32 of all that stands before it. Letters and digits only, so that a double click selects the whole.
 */
export function newToken(): string {
  const secret = `${prefix}${digits(BigInt(`0x${randomBytes(32).toString("hex")}`), randomDigits)}`;
  return `${secret}${checksum(secret)}`;
}

/** Whether a text can be a token that was made here: what is mistyped, cut off, or somebody else's is not. */
export function canBeToken(text: string): boolean {
  if (!issued.test(text)) return issuedBefore.test(text);
  return text.endsWith(checksum(text.slice(0, -checksumDigits)));
}

/**
 * What is stored of a token. It has 256 bits of entropy, so a plain SHA-256 cannot be guessed back. Arguments of server
 * actions may be anything that a client sends in a token's place: that is nobody's token.
 */
export function hashToken(token: string): string {
  return createHash("sha256").update(String(token)).digest("hex");
}

function checksum(text: string): string {
  return digits(BigInt(crc32(text)), checksumDigits);
}

function digits(value: bigint, length: number): string {
  let rest = value;
  let text = "";
  for (let place = 0; place < length; place++) {
    text = alphabet.charAt(Number(rest % 62n)) + text;
    rest /= 62n;
  }
  return text;
}

import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { env } from "#lib/env";

const ivBytes = 12;
const tagBytes = 16;
const version = 1;

/**
 * Encrypts a credential for storage: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce. The tenant
 * and field are authenticated with it, so a ciphertext copied to another tenant's row does not open.
 */
export function sealCredential(plain: string, tenantId: number, field: string): Uint8Array<ArrayBuffer> {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv("aes-256-gcm", encryptionKey(), iv);
  cipher.setAAD(boundTo(tenantId, field));
  const sealed = Buffer.concat([cipher.update(plain, "utf8"), cipher.final()]);
  return new Uint8Array(Buffer.concat([Buffer.from([version]), iv, cipher.getAuthTag(), sealed]));
}

/**
 * Opens what sealCredential made, for the same tenant and field.
 * @throws Error when the key is another one, or the bytes were changed or moved.
 */
export function openCredential(sealed: Uint8Array, tenantId: number, field: string): string {
  const bytes = Buffer.from(sealed);
  if (bytes[0] !== version) throw new Error("The stored credential has an unknown format.");
  const iv = bytes.subarray(1, 1 + ivBytes);
  const tag = bytes.subarray(1 + ivBytes, 1 + ivBytes + tagBytes);
  const decipher = createDecipheriv("aes-256-gcm", encryptionKey(), iv);
  decipher.setAAD(boundTo(tenantId, field));
  decipher.setAuthTag(tag);
  return Buffer.concat([decipher.update(bytes.subarray(1 + ivBytes + tagBytes)), decipher.final()]).toString(
    "utf8",
  );
}

function boundTo(tenantId: number, field: string): Buffer {
  return Buffer.from(`tenantpilot:v${version}:${tenantId}:${field}`, "utf8");
}

function encryptionKey(): Buffer {
  const encoded = env().TENANTPILOT_ENCRYPTION_KEY;
  const key = Buffer.from(encoded ?? "", "base64");
  if (key.length !== 32) {
    throw new Error(
      "TENANTPILOT_ENCRYPTION_KEY must be 32 bytes in base64; make one with: openssl rand -base64 32",
    );
  }
  return key;
}

import { createHash, randomBytes } from "node:crypto";

/** 256 random bits behind a prefix by which scanners for leaked secrets know it. */
export function newToken(): string {
  return `tpat_${randomBytes(32).toString("base64url")}`;
}

/** What is stored of a token. It has 256 bits of entropy, so a plain SHA-256 cannot be guessed back. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

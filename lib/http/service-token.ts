import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "#lib/errors";

/**
 * Refuses a request without the service's own token, where one is set.
 * @param expected undefined or empty: open to everybody
 * @throws AppError UNAUTHENTICATED
 */
export function requireServiceToken(request: Request, expected: string | undefined): void {
  if (!expected) return;
  const given = /^Bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  // Hashes have one length, so the comparison takes one time.
  if (timingSafeEqual(sha256(given), sha256(expected))) return;
  throw new AppError("UNAUTHENTICATED", "Send the token in METRICS_TOKEN as Authorization: Bearer <token>.");
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

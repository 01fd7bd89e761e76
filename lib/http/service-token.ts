import { createHash, timingSafeEqual } from "node:crypto";
import type { Env } from "#lib/env";
import { AppError } from "#lib/errors";
import { isLoopback } from "#lib/loopback";
import { clientOf } from "./client-address.ts";

/**
 * Refuses a request without the service's own token. Where there is none, a server that listens on loopback answers clients
 * of this machine: not those of a proxy on it.
 * @throws AppError UNAUTHENTICATED
 */
export function requireServiceToken(
  request: Pick<Request, "headers">,
  { METRICS_TOKEN: expected, HOST: host }: Pick<Env, "METRICS_TOKEN" | "HOST">,
): void {
  if (!expected) {
    if (host && isLoopback(host) && isLoopback(clientOf(request.headers) ?? "")) return;
    throw new AppError(
      "UNAUTHENTICATED",
      "This is for the operator of the service, who has to set METRICS_TOKEN.",
    );
  }
  const given = /^Bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "")?.[1] ?? "";
  // Hashes have one length, so the comparison takes one time.
  if (timingSafeEqual(sha256(given), sha256(expected))) return;
  throw new AppError("UNAUTHENTICATED", "Send the token in METRICS_TOKEN as Authorization: Bearer <token>.");
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

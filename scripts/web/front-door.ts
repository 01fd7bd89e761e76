import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { BlockList } from "node:net";
import { clientAddress, clientAddressHeader } from "#lib/http/client-address";
import type { CompressedFile } from "./compressed-files.ts";
import { contentSecurityPolicy } from "./content-security-policy.ts";
import { type Refusal, writeRefusal } from "./refusal.ts";
import { announcesTooMuch, bodyLimit, drain, hasBody, readBody, withBody } from "./request-body.ts";
import { readTarget } from "./request-target.ts";

export interface FrontDoorOptions {
  /** Answers what was let in: Next.js. */
  handle(request: IncomingMessage, response: ServerResponse): unknown;
  /** The compressed file to send in place of the one that was asked for. */
  compressed(url: string | undefined, accepted: string | undefined): CompressedFile | null;
  /** The proxies whose X-Forwarded-For is believed; null when nobody said. */
  trustedProxies: BlockList | null;
}

/**
 * What every request passes before Next.js sees it. Every answer gets a content security policy with a nonce of its own;
 * scripts and styles go out as the build has compressed them. What cannot be a request of ours is refused here, with a
 * problem document: a target that cannot be read, a method that nothing answers, a body that is larger than any of ours.
 * Bodies are read here, so that nothing behind holds more than the limit, however it reads.
 */
export function createFrontDoor(options: FrontDoorOptions): Server {
  return createServer((request, response) => {
    letIn(request, response, options).catch(() => {
      // The client is gone, or what it sends is no HTTP: there is nobody to answer.
      request.socket.destroy();
    });
  });
}

async function letIn(
  request: IncomingMessage,
  response: ServerResponse,
  { handle, compressed, trustedProxies }: FrontDoorOptions,
): Promise<void> {
  const nonce = randomBytes(16).toString("base64");
  const policy = contentSecurityPolicy(nonce);
  response.setHeader("Content-Security-Policy", policy);
  // By these Next.js, and the root layout, know the nonce; what a client sent in their place is overwritten.
  request.headers["content-security-policy"] = policy;
  request.headers["x-nonce"] = nonce;
  const forwardedFor = request.headers["x-forwarded-for"];
  request.headers[clientAddressHeader] =
    clientAddress(
      request.socket.remoteAddress,
      Array.isArray(forwardedFor) ? forwardedFor.join(",") : forwardedFor,
      trustedProxies,
    ) ?? "";
  const target = readTarget(request.method, request.url);
  if ("refusal" in target) return refuse(request, response, target.refusal);
  const file = compressed(request.url, request.headers["accept-encoding"]);
  if (file) {
    request.url = file.url;
    response.setHeaders(new Map(Object.entries(file.headers)));
  }
  if (!hasBody(request)) return void handle(request, response);
  const limit = bodyLimit(target.path);
  const body = announcesTooMuch(request, limit) ? null : await readBody(request, limit);
  if (body === null) return refuse(request, response, tooLarge(limit));
  handle(withBody(request, body), response);
}

async function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): Promise<void> {
  writeRefusal(response, refusal);
  if (hasBody(request)) await drain(request);
  response.end();
}

function tooLarge(limit: number): Refusal {
  return {
    code: "PAYLOAD_TOO_LARGE",
    detail: `The body is larger than the ${limit / 1024} KiB that this address takes.`,
  };
}

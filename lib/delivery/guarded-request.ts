import { lookup } from "node:dns/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { isIP } from "node:net";
import { env } from "#lib/env";
import { version } from "#lib/version";
import { mayReach } from "./public-address.ts";

/** An attempt may take so long, from the look-up of the name to the last byte of the answer. */
export const attemptSeconds = 10;
/** So much of an answer is read: what tells what went wrong, and no more. */
export const answerBytes = 2_048;

/** An address that alerts do not go to; the message is for whoever entered it. */
export class RefusedAddress extends Error {
  override name = "RefusedAddress";
}

export interface Answered {
  status: number;
  /** The beginning of it. */
  answer: string;
  /** How long the receiver asks to wait, in seconds. */
  retry_after: number | null;
}

export interface GuardedRequest {
  method: "POST" | "GET";
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  signal?: AbortSignal;
}

type Resolve = (host: string) => Promise<readonly { address: string; family: number }[]>;

const resolveName: Resolve = (host) => lookup(host, { all: true, verbatim: true });

/**
 * Checks what of an address can be checked without asking a name server.
 * @throws RefusedAddress
 */
export function checkedUrl(text: string): URL {
  if (!URL.canParse(text)) throw new RefusedAddress("is not an address such as https://hooks.example.com/…");
  const url = new URL(text);
  if (url.protocol !== "https:") throw new RefusedAddress("must begin with https://");
  if (url.username || url.password) throw new RefusedAddress("must have no user and password in it");
  const host = hostOf(url);
  if (isIP(host) !== 0 && !mayReach(host, env().ALERT_PRIVATE_NETWORKS)) throw notPublic(host);
  return url;
}

/**
 * Sends one request to an address that somebody entered, who may want to reach what only this machine can. The name is
 * looked up once, every address behind it has to be one that alerts may go to, and the connection is made to the address
 * that was checked, whatever the name says by then. TLS still asks for the name. No redirect is followed.
 * @param resolve in place of the system's look-up, for tests
 * @throws RefusedAddress; Error with what went wrong on the way, or after `attemptSeconds`
 */
export async function guardedRequest(
  { method, url: text, headers = {}, body, signal }: GuardedRequest,
  resolve: Resolve = resolveName,
): Promise<Answered> {
  const url = checkedUrl(text);
  const limit = AbortSignal.timeout(attemptSeconds * 1_000);
  const until = signal ? AbortSignal.any([signal, limit]) : limit;
  try {
    const pinned = await within(until, pinnedAddress(hostOf(url), resolve));
    return await send(url, pinned, { method, headers, body, signal: until });
  } catch (error) {
    if (limit.aborted) throw new Error(`There was no answer within ${attemptSeconds} seconds.`);
    throw error;
  }
}

/** The one address that is connected to. All of a name's have to be good: which one is taken is chance. */
async function pinnedAddress(host: string, resolve: Resolve): Promise<{ address: string; family: number }> {
  const found = isIP(host) === 0 ? await resolve(host) : [{ address: host, family: isIP(host) }];
  const allowed = env().ALERT_PRIVATE_NETWORKS;
  const refused = found.find(({ address }) => !mayReach(address, allowed));
  if (refused) throw notPublic(host);
  const [first] = found;
  if (!first) throw new Error(`The name ${host} has no address.`);
  return first;
}

function send(
  url: URL,
  { address, family }: { address: string; family: number },
  {
    method,
    headers,
    body,
    signal,
  }: Required<Pick<GuardedRequest, "method" | "headers">> & { body: string | undefined; signal: AbortSignal },
): Promise<Answered> {
  const { promise, resolve, reject } = Promise.withResolvers<Answered>();
  const sent = request(
    url,
    {
      method,
      signal,
      // A connection of its own: one that was made for another check is not this one's.
      agent: false,
      // Node asks for all addresses of a name, or for one.
      lookup: (_host, options, done) =>
        options.all ? done(null, [{ address, family }]) : done(null, address, family),
      headers: {
        "user-agent": `TenantPilot/${version}`,
        ...headers,
        ...(body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      },
    },
    (response) => {
      readAnswer(response).then(
        (answer) => resolve({ status: response.statusCode ?? 0, answer, retry_after: retryAfter(response) }),
        reject,
      );
    },
  );
  sent.on("error", reject);
  sent.end(body);
  return promise;
}

/** Reads the beginning, and hangs up. */
async function readAnswer(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= answerBytes) break;
  }
  response.destroy();
  // A cut in the middle of a character, and NUL, which no text of the database can have.
  return new TextDecoder().decode(Buffer.concat(chunks).subarray(0, answerBytes)).replaceAll("\u0000", "");
}

/** RFC 9110: seconds, or a date. */
function retryAfter(response: IncomingMessage): number | null {
  const said = response.headers["retry-after"];
  if (said === undefined) return null;
  const seconds = /^\d{1,6}$/.test(said) ? Number(said) : (Date.parse(said) - Date.now()) / 1_000;
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : null;
}

function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop, { once: true });
  return Promise.race([work, promise]).finally(() => signal.removeEventListener("abort", stop));
}

/** WHATWG URL has made one form of every way to write an IPv4 address; an IPv6 one keeps its brackets. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, "");
}

function notPublic(host: string): RefusedAddress {
  return new RefusedAddress(
    `${host} is not a public address. Whoever runs TenantPilot can allow its network (ALERT_PRIVATE_NETWORKS).`,
  );
}

import { IncomingMessage } from "node:http";
import { maxBodyBytes } from "#lib/http/json-body";

/** next-auth's forms have a few hundred bytes. */
export const maxAuthBodyBytes = 16 * 1024;

/** Of a body that is refused, this much is read and thrown away, for so long at most. */
const maxDrainedBytes = 16 * 1_048_576;
const maxDrainMs = 5_000;

/**
 * How large the body of a request may be, in bytes.
 * @param path decoded and without its query
 */
export function bodyLimit(path: string): number {
  return /^\/+api\/+auth(\/|$)/i.test(path) ? maxAuthBodyBytes : maxBodyBytes;
}

/** Whether a request says that it has a body (RFC 9112, section 6). */
export function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Whether a request says itself that its body is too large; one that comes in chunks does not. */
export function announcesTooMuch({ headers }: IncomingMessage, limit: number): boolean {
  return Number(headers["content-length"] ?? 0) > limit;
}

/**
 * Reads a body, as far as it may go.
 * @returns null when it is larger than the limit; the rest of it has not been read then
 * @throws Error when the client goes away
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const done = (result: Buffer | null) => {
      request.off("data", take).off("end", end).off("error", reject).off("close", close);
      resolve(result);
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) return void chunks.push(chunk);
      request.pause();
      done(null);
    };
    const end = () => done(Buffer.concat(chunks));
    const close = () => reject(new Error("The client went away."));
    request.on("data", take).once("end", end).once("error", reject).once("close", close);
  });
}

/**
 * Reads what is left of a refused body and throws it away. Many clients read no answer before they have sent their whole
 * body: cut off in the middle, they would see a broken connection in place of the 413. Who goes on and on is held, so that
 * there is time to read the answer, and then cut off.
 */
export function drain(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let size = 0;
    const timer = setTimeout(() => request.socket.destroy(), maxDrainMs);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    request.on("error", end).once("end", end).once("close", end);
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxDrainedBytes) request.pause();
    });
    request.resume();
  });
}

/** The same request with its body read already. */
export function withBody(request: IncomingMessage, body: Buffer): IncomingMessage {
  const read = new IncomingMessage(request.socket);
  read.method = request.method ?? "GET";
  read.url = request.url ?? "/";
  read.httpVersion = request.httpVersion;
  read.httpVersionMajor = request.httpVersionMajor;
  read.httpVersionMinor = request.httpVersionMinor;
  read.rawHeaders = request.rawHeaders;
  read.headers = request.headers;
  read.complete = true;
  read.push(body);
  read.push(null);
  return read;
}

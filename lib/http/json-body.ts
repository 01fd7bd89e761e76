import { AppError } from "#lib/errors";
import { isStorableText } from "#lib/storable-text";
import { repeatedKey } from "./json-keys.ts";
import { malformed } from "./problem.ts";

/** Largest request body, in bytes. The largest useful one, a schedule, has a few thousand. */
export const maxBodyBytes = 1_048_576;

/** A refused body that announces no more than this is read and thrown away, for so long at most. */
const maxDrainedBytes = 16 * 1_048_576;
const maxDrainMs = 5_000;

/**
 * The JSON body of a request, or undefined when it has none. A body that is too large is refused as soon as that
 * shows; none of the rest is kept.
 * @throws AppError PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, or MALFORMED_REQUEST: not UTF-8, not JSON, a key
 *   twice in one object, or a text that cannot be stored.
 */
export async function readJsonBody(request: Request): Promise<unknown> {
  const announced = Number(request.headers.get("content-length"));
  if (announced > maxBodyBytes) {
    if (request.body && announced <= maxDrainedBytes) await drain(request.body.getReader());
    throw tooLarge();
  }
  if (request.body === null) return undefined;
  const bytes = await readBytes(request.body);
  if (bytes.length === 0) return undefined;
  requireJson(request.headers);
  const text = decodeUtf8(bytes);
  const value = parse(text);
  const key = repeatedKey(text);
  if (key !== null)
    throw malformed(`The body names "${key.slice(0, 60)}" twice in one object; name it once.`);
  return value;
}

async function readBytes(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read().catch((cause: unknown) => {
      throw new AppError("MALFORMED_REQUEST", "The body ended too early.", { cause });
    });
    if (done) return Buffer.concat(chunks);
    size += value.length;
    if (size > maxBodyBytes) {
      await reader.cancel().catch(() => {});
      throw tooLarge();
    }
    chunks.push(value);
  }
}

/**
 * Reads a body to its end and throws it away. Many clients read no answer before they have sent their whole body: cut
 * off in the middle, they would see a broken connection in place of the 413.
 */
async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  const timer = setTimeout(() => void reader.cancel().catch(() => {}), maxDrainMs);
  try {
    while (!(await reader.read()).done);
  } catch {
    // The client went away, or the time is up: there is nobody left to be polite to.
  } finally {
    clearTimeout(timer);
  }
}

function requireJson(headers: Headers): void {
  const [type = "", ...parameters] = (headers.get("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters
    .map((parameter) => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/.exec(parameter)?.[1])
    .find(Boolean);
  const encoding = (headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  const isJson = /^application\/(json|[a-z0-9.-]+\+json)$/.test(type.trim());
  if (
    isJson &&
    (charset === undefined || charset === "utf-8" || charset === "utf8") &&
    encoding === "identity"
  )
    return;
  throw new AppError(
    "UNSUPPORTED_MEDIA_TYPE",
    "Send the body as JSON in UTF-8, uncompressed, with the header Content-Type: application/json.",
  );
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw malformed("The body is not UTF-8.");
  }
}

function parse(text: string): unknown {
  let storable = true;
  try {
    const value: unknown = JSON.parse(text, (key, value) => {
      if (!isStorableText(key) || (typeof value === "string" && !isStorableText(value))) storable = false;
      return value;
    });
    if (storable) return value;
  } catch (error) {
    throw malformed(`The body is not JSON: ${whyNot(error)}.`);
  }
  throw malformed("The body contains a character that no text can have (NUL or half a surrogate pair).");
}

/** The parser quotes what it stumbles on, which may be part of a secret: of its words, only where that is goes out. */
function whyNot(error: unknown): string {
  // A RangeError says that it is nested deeper than the stack: no request of ours is.
  if (!(error instanceof SyntaxError)) return "it is nested too deep";
  const [position] = /at position \d+( \(line \d+ column \d+\))?$/.exec(error.message) ?? [];
  return position ? `a syntax error ${position}` : "a syntax error, or it ends too early";
}

function tooLarge(): AppError {
  return new AppError("PAYLOAD_TOO_LARGE", `The body is larger than ${maxBodyBytes / 1_048_576} MiB.`);
}

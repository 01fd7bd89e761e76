import { type GraphErrorCode, runErrors } from "#lib/run-error-codes";

export interface GraphErrorDetails {
  /** HTTP status; null when there was no answer. */
  status?: number | null;
  /** Graph's `request-id`, which Microsoft's support asks for. */
  requestId?: string | null;
  /** The permission that would have been needed. */
  permission?: string;
  /** The token has that permission: something else is refused. */
  granted?: boolean;
  /** Another attempt may end differently. */
  retryable?: boolean;
  /** How long Graph asked to wait, in milliseconds. */
  retryAfterMs?: number | null;
  /** Error number of Entra, such as `AADSTS7000215`. */
  aadsts?: string;
  /** No answer within the time limit. */
  timedOut?: boolean;
  /** The answer was cut off at the limit for one answer. */
  tooLarge?: boolean;
  cause?: unknown;
}

/** What went wrong with Graph or Entra. The message is for people and never holds a secret or token. */
export class GraphError extends Error {
  readonly code: GraphErrorCode;
  readonly status: number | null;
  readonly requestId: string | null;
  readonly permission: string | undefined;
  readonly granted: boolean;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
  readonly aadsts: string | undefined;
  readonly timedOut: boolean;
  readonly tooLarge: boolean;

  constructor(code: GraphErrorCode, message: string, details: GraphErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "GraphError";
    this.code = code;
    this.status = details.status ?? null;
    this.requestId = details.requestId ?? null;
    this.permission = details.permission;
    this.granted = details.granted ?? false;
    this.retryable = details.retryable ?? false;
    this.retryAfterMs = details.retryAfterMs ?? null;
    this.aadsts = details.aadsts;
    this.timedOut = details.timedOut ?? false;
    this.tooLarge = details.tooLarge ?? false;
  }

  /** Nothing else can succeed either: the whole connection is refused. */
  get fatal(): boolean {
    return runErrors[this.code].again === "refused";
  }
}

/** Graph's error codes that mean: the tenant has not bought this. They come with 400, 403 or 404. */
const licenseCodes: ReadonlySet<string> = new Set([
  "authentication_requestfromnonpremiumtenantorb2ctenant",
  "requestfromnonpremiumtenantorb2ctenant",
  "aadpremiumlicenserequired",
]);

/** Headers by lower-case name. */
export type HeaderMap = Readonly<Record<string, string | undefined>>;

/**
 * The error that an answer other than 2xx means. Decides by status and
 * Graph's error code only, never by the text of the message.
 * @param body the parsed answer, or undefined when it was not JSON
 * @param what the address for the message, such as `deviceManagement/intents`
 * @param nowMs wall-clock time, for a Retry-After that is a date
 */
export function errorOfAnswer(
  status: number,
  headers: HeaderMap,
  body: unknown,
  what: string,
  nowMs: number,
): GraphError {
  const facts = errorFacts(body);
  const requestId = headers["request-id"] ?? facts.requestId;
  const retryAfterMs = retryAfterOf(headers["retry-after"], nowMs);
  const said = facts.message ? `: ${facts.message}` : ".";
  const base = { status, requestId, retryAfterMs };
  if (facts.codes.some((code) => licenseCodes.has(code))) {
    return new GraphError("LICENSE_MISSING", `The tenant has no license for ${what}${said}`, base);
  }
  const forbidden = status === 403 || (status === 401 && facts.codes.includes("forbidden"));
  if (forbidden) return new GraphError("PERMISSION_MISSING", `Graph refused access to ${what}${said}`, base);
  if (status === 401) return new GraphError("TOKEN_EXPIRED", `Graph refused the access token${said}`, base);
  if (status === 429) {
    return new GraphError("GRAPH_THROTTLE", `Graph is throttling requests for ${what}.`, {
      ...base,
      retryable: true,
    });
  }
  if (status === 408 || (status >= 500 && status !== 501)) {
    return new GraphError("GRAPH_UNAVAILABLE", `Graph answered ${status} for ${what}${said}`, {
      ...base,
      retryable: true,
    });
  }
  if (status >= 300 && status < 400) {
    return new GraphError(
      "GRAPH_UNAVAILABLE",
      `Graph redirected ${what} elsewhere; that is not followed.`,
      base,
    );
  }
  const code = [400, 404, 405, 410, 501].includes(status) ? "TYPE_UNAVAILABLE" : "UNKNOWN";
  return new GraphError(code, `Graph answered ${status} for ${what}${said}`, base);
}

/** The wait that a `Retry-After` header asks for: seconds or an HTTP date, in milliseconds; null without one. */
export function retryAfterOf(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  const seconds = Number(header);
  if (header.trim() !== "" && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - nowMs);
}

interface ErrorFacts {
  /** Error codes of the outer and the inner error, in lower case. */
  codes: string[];
  message: string | null;
  requestId: string | null;
}

function errorFacts(body: unknown): ErrorFacts {
  const error = recordOf(recordOf(body)?.error);
  const inner = recordOf(error?.innerError) ?? recordOf(error?.innererror);
  const nested = parsed(textOf(error?.message));
  const message = textOf(nested?.Message) ?? textOf(error?.message);
  return {
    codes: [error?.code, inner?.code, nested?.ErrorCode]
      .filter((code) => typeof code === "string")
      .map((code) => code.toLowerCase()),
    message: message ? shortened(message) : null,
    requestId: textOf(inner?.["request-id"]),
  };
}

/** Intune wraps its errors in JSON as text; people shall read what is inside. */
function parsed(text: string | null): Record<string, unknown> | undefined {
  if (!text?.trimStart().startsWith("{")) return undefined;
  try {
    return recordOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function shortened(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** A word on a network failure, such as ECONNREFUSED. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error) {
    return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
  }
  return "unknown reason";
}

/** Node's codes for a certificate that no authority vouches for which this process knows. */
const untrusted =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|UNABLE_TO_VERIFY_LEAF_SIGNATURE)$/;

/**
 * How a connection failed, as the end of a sentence: the reason, and what to do where it is not Microsoft's service that fails.
 * @param reason as `reasonOf` tells it; empty where none is known
 */
export function failedBecause(reason: string): string {
  if (untrusted.test(reason))
    return (
      `failed (${reason}): the certificate that was shown is signed by nobody whom this process trusts. Where a proxy looks ` +
      "into TLS, name the certificate of its authority in NODE_EXTRA_CA_CERTS for web and worker, and restart them."
    );
  return reason === "" ? "failed." : `failed (${reason}).`;
}

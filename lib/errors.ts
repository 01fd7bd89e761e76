/** What can go wrong with a request, as a closed list. `httpStatus` is the one total switch to transport. */
export const errorCodes = [
  "UNAUTHENTICATED",
  "FORBIDDEN",
  "CROSS_SITE_REQUEST",
  "NOT_FOUND",
  "METHOD_NOT_ALLOWED",
  "MALFORMED_REQUEST",
  "PAYLOAD_TOO_LARGE",
  "UNSUPPORTED_MEDIA_TYPE",
  "VALIDATION_FAILED",
  "RUN_ACTIVE",
  "NOTHING_TO_RETRY",
  "NOT_ACTIVE",
  "EDIT_CONFLICT",
  "CONFLICT",
  "QUOTA_EXCEEDED",
  "RATE_LIMITED",
  "PRECONDITION_FAILED",
  "IDEMPOTENCY_KEY_REUSED",
  "TOO_MANY_ATTEMPTS",
  "UNAVAILABLE",
  "TIMEOUT",
  "INTERNAL",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** One fault of an input: `path` names the field (`days_of_week.0`), `message` says how to fix it. */
export interface FieldError {
  path: string;
  message: string;
}

/** The error that operations throw on purpose. Its message is for the person who sent the request. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly errors: FieldError[] | undefined;
  /** More members for the problem document, such as the active run of a RUN_ACTIVE. */
  readonly details: Record<string, unknown> | undefined;
  /** Headers that the answer has because of it. */
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: {
      errors?: FieldError[];
      details?: Record<string, unknown>;
      headers?: Record<string, string>;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: more.cause });
    this.name = "AppError";
    this.code = code;
    this.errors = more.errors;
    this.details = more.details;
    this.headers = more.headers;
  }
}

/** The refusal of one field of an input. @param message how to mend it, as it follows the field's name: `must be ...` */
export function fieldError(path: string, message: string): AppError {
  return new AppError("VALIDATION_FAILED", `${path}: ${message}`, { errors: [{ path, message }] });
}

/** The HTTP status of each code (RFC 9110). */
export function httpStatus(code: ErrorCode): number {
  switch (code) {
    case "UNAUTHENTICATED":
      return 401;
    case "FORBIDDEN":
    case "CROSS_SITE_REQUEST":
      return 403;
    case "NOT_FOUND":
      return 404;
    case "METHOD_NOT_ALLOWED":
      return 405;
    case "MALFORMED_REQUEST":
      return 400;
    case "PAYLOAD_TOO_LARGE":
      return 413;
    case "UNSUPPORTED_MEDIA_TYPE":
      return 415;
    case "VALIDATION_FAILED":
    case "IDEMPOTENCY_KEY_REUSED":
      return 422;
    case "RUN_ACTIVE":
    case "NOTHING_TO_RETRY":
    case "NOT_ACTIVE":
    case "EDIT_CONFLICT":
    case "CONFLICT":
    case "QUOTA_EXCEEDED":
      return 409;
    case "PRECONDITION_FAILED":
      return 412;
    case "RATE_LIMITED":
    case "TOO_MANY_ATTEMPTS":
      return 429;
    case "UNAVAILABLE":
      return 503;
    case "TIMEOUT":
      return 504;
    case "INTERNAL":
      return 500;
  }
}

/** The body of an `application/problem+json` answer (RFC 9457). */
export interface Problem {
  type: "about:blank";
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  errors?: FieldError[];
  [member: string]: unknown;
}

const titles: Record<ErrorCode, string> = {
  UNAUTHENTICATED: "Sign in, or send a valid token",
  FORBIDDEN: "Your role does not allow this",
  CROSS_SITE_REQUEST: "Request from another site refused",
  NOT_FOUND: "Not found",
  METHOD_NOT_ALLOWED: "Method not allowed",
  MALFORMED_REQUEST: "The request cannot be read",
  PAYLOAD_TOO_LARGE: "The request is too large",
  UNSUPPORTED_MEDIA_TYPE: "Send JSON",
  VALIDATION_FAILED: "Some fields are not valid",
  RUN_ACTIVE: "A run of this schedule is active",
  NOTHING_TO_RETRY: "There is no run to retry",
  NOT_ACTIVE: "The run is not active",
  EDIT_CONFLICT: "Someone else changed this meanwhile",
  CONFLICT: "This conflicts with the current state",
  QUOTA_EXCEEDED: "The tenant has as many as it may have",
  RATE_LIMITED: "Too many requests",
  PRECONDITION_FAILED: "It is not the version that you named",
  IDEMPOTENCY_KEY_REUSED: "This key belongs to another request",
  TOO_MANY_ATTEMPTS: "Too many attempts",
  UNAVAILABLE: "The service is not available right now",
  TIMEOUT: "This took too long",
  INTERNAL: "Something went wrong on our side",
};

/** The problem document of an error. What is not an AppError tells nothing of its inside. */
export function toProblem(error: unknown): Problem {
  const known =
    error instanceof AppError
      ? error
      : new AppError(
          "INTERNAL",
          "The error was logged. Try again; if it stays, tell the operator of this service.",
        );
  return {
    type: "about:blank",
    title: titles[known.code],
    status: httpStatus(known.code),
    code: known.code,
    detail: known.message,
    ...(known.errors ? { errors: known.errors } : {}),
    ...known.details,
  };
}

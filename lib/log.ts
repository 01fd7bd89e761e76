import { pino, stdTimeFunctions } from "pino";
import { currentRequest } from "./request-context.ts";
import { currentTraceId } from "./tracing.ts";

/** As pino has them by itself, and as this log had them: a number and milliseconds. */
const inNumbers = process.env.LOG_FORMAT === "numbers";

/**
 * The log of this process: JSON lines on standard error. Paths that may hold credentials are removed here,
 * once, whoever logs.
 */
export const log = pino(
  {
    level: process.env.LOG_LEVEL || "info",
    base: null,
    // Of what is said while a request is answered, or something is traced, whoever says it: Next.js as well.
    mixin() {
      const request_id = currentRequest()?.request_id;
      const trace_id = currentTraceId();
      return { ...(request_id ? { request_id } : {}), ...(trace_id ? { trace_id } : {}) };
    },
    ...(inNumbers
      ? {}
      : { formatters: { level: (level: string) => ({ level }) }, timestamp: stdTimeFunctions.isoTime }),
    redact: {
      paths: [
        "*.authorization",
        "*.client_secret",
        "*.secret",
        "*.password",
        "*.token",
        "headers.authorization",
        "headers.cookie",
      ],
      censor: "[removed]",
    },
  },
  pino.destination({ dest: 2, sync: true }),
);

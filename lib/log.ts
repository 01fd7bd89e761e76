import { pino, stdTimeFunctions } from "pino";
import { currentRequest } from "./request-context.ts";

/** As pino has them by itself, and as this log had them: a number and milliseconds. */
const inNumbers = process.env.LOG_FORMAT === "numbers";

/**
 * The log of this process: JSON lines on standard error. Paths that may hold credentials are removed here,
 * once, whoever logs.
 */
export const log = pino(
  {
    level: process.env.LOG_LEVEL ?? "info",
    base: null,
    // Of what is said while a request is answered, whoever says it: Next.js as well.
    mixin() {
      const request_id = currentRequest()?.request_id;
      return request_id ? { request_id } : {};
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

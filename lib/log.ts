import { pino } from "pino";

/**
 * The log of this process: JSON lines on standard error. Paths that may hold credentials are removed here,
 * once, whoever logs.
 */
export const log = pino(
  {
    level: process.env.LOG_LEVEL ?? "info",
    base: null,
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

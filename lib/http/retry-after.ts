/** Seconds after which to try again, by status, where nothing else is said (RFC 9110, section 10.2.3). */
export const retryAfterSeconds = { 429: "900", 503: "15" } as const;

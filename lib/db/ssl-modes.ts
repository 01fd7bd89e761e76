/**
 * The values of `sslmode` in an address of PostgreSQL, and which of them each means to us: none falls back to a connection
 * in clear, and all but two want a certificate that is vouched for and bears the host's name.
 */
export const sslModes: ReadonlyMap<string, string> = new Map([
  ["disable", "disable"],
  ["prefer", "verify-full"],
  ["require", "verify-full"],
  ["verify-ca", "verify-full"],
  ["verify-full", "verify-full"],
  ["no-verify", "no-verify"],
]);

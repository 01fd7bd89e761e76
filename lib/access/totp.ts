import { Secret, TOTP } from "otpauth";

/** What every authenticator app can do, and what some take for granted (RFC 6238, with the defaults of its key URI). */
const settings = { issuer: "TenantPilot", algorithm: "SHA1", digits: 6, period: 30 } as const;
/** The length of SHA-1's result, as RFC 4226 recommends (section 4, R6). */
const secretBytes = 20;
/** Steps that a clock may be off, or a person slow, in both directions (RFC 6238, section 5.2). */
const window = 1;

/** A new secret for an authenticator app, in base32, as people type it. */
export function newSecret(): string {
  return new Secret({ size: secretBytes }).base32;
}

/** What a QR code tells an authenticator app. @param account as the app names it to the person */
export function keyUri(secret: string, account: string): string {
  return new TOTP({ ...settings, label: account, secret: Secret.fromBase32(secret) }).toString();
}

/**
 * The time step that a code is of: now, the one before or the one after.
 * @param at milliseconds since 1970
 * @returns null when it is of none of these
 */
export function stepOf(code: string, secret: string, at: number): number | null {
  // otpauth compares bytes, and throws where there are more of them than digits.
  if (!/^[0-9]{6}$/.test(code)) return null;
  const totp = new TOTP({ ...settings, secret: Secret.fromBase32(secret) });
  const delta = totp.validate({ token: code, timestamp: at, window });
  return delta === null ? null : totp.counter({ timestamp: at }) + delta;
}

import { AppError } from "#lib/errors";

/** Failed attempts after which an address has to wait, and for how long, in one process. */
const maxFailures = 10;
const windowMs = 15 * 60_000;
const maxAddresses = 10_000;

const failures = new Map<string, { count: number; since: number }>();

/**
 * Counts wrong passwords of an address, wherever they are given: signing in and changing the password share the
 * count, so that neither is a way around the other.
 * @param email in lower case
 * @param now milliseconds since the epoch
 */
export const attempts = {
  /** @throws AppError TOO_MANY_ATTEMPTS after ten failures within 15 minutes */
  check(email: string, now: number): void {
    const past = failures.get(email);
    if (past && now - past.since < windowMs && past.count >= maxFailures) {
      throw new AppError("TOO_MANY_ATTEMPTS", "Too many failed attempts. Try again in 15 minutes.");
    }
  },
  failed(email: string, now: number): void {
    const past = failures.get(email);
    const fresh = past && now - past.since < windowMs ? past : { count: 0, since: now };
    failures.set(email, { ...fresh, count: fresh.count + 1 });
    if (failures.size > maxAddresses) failures.delete(failures.keys().next().value ?? "");
  },
  succeeded(email: string): void {
    failures.delete(email);
  },
};

import { rotateCredentials } from "#lib/connection/rotate-credentials";
import { disconnect } from "#lib/db/client";
import { tlsFault } from "#lib/db/tls-fault";
import { isUnreachable } from "#lib/db/transaction";
import { serviceEnv } from "#lib/env";

const help = `Encrypts every stored credential, the secrets of authenticator apps, and the addresses of alert targets, with the first of TENANTPILOT_ENCRYPTION_KEYS.

  TENANTPILOT_ENCRYPTION_KEYS=NEW,OLD npm run credentials:rotate

Web and workers must know the new key before. It may be repeated at any time. Ends with 0 when the old keys are
needed no more, 1 when a credential opens with none of the keys or the database does not answer.

  --lost-key    the key that is missing is lost: web and workers start without it, and what it encrypted is entered again`;

if (process.argv.slice(2).some((arg) => arg === "--help" || arg === "-h")) console.log(help);
else await rotate();

async function rotate(): Promise<void> {
  try {
    serviceEnv();
    const { reencrypted, current, unreadable, unreadable_people, unreadable_targets } =
      await rotateCredentials({
        isKeyLost: process.argv.includes("--lost-key"),
      });
    console.log(`${count(reencrypted)} re-encrypted with the first key; ${count(current)} had it already.`);
    if (unreadable.length > 0)
      fail(
        `${count(unreadable.length)} cannot be opened with any of the keys. Add the key that made them, or let an ` +
          `owner enter them again. Tenants: ${unreadable.join(", ")}`,
      );
    if (unreadable_people.length > 0)
      fail(
        "The secrets of these people's authenticator apps cannot be opened with any of the keys. Add the key that made them, or " +
          `turn their two-step sign-in off (npm run user:reset). Users: ${unreadable_people.join(", ")}`,
      );
    if (unreadable_targets.length > 0)
      fail(
        "The addresses of these alert targets cannot be opened with any of the keys. Add the key that made them, or enter them " +
          `again. Targets: ${unreadable_targets.join(", ")}`,
      );
  } catch (error) {
    process.exitCode = 1;
    console.error(
      isUnreachable(error)
        ? (tlsFault(error) ?? "The database cannot be reached. Is it running, and is DATABASE_URL right?")
        : error instanceof Error
          ? error.message
          : error,
    );
  } finally {
    await disconnect();
  }
}

function fail(words: string): void {
  process.exitCode = 1;
  console.error(words);
}

function count(credentials: number): string {
  return credentials === 1 ? "1 credential" : `${credentials} credentials`;
}

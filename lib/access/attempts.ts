import { createHash } from "node:crypto";
import { Prisma } from "#lib/db/generated/client";
import { type Tx, transaction } from "#lib/db/transaction";
import { AppError } from "#lib/errors";
import { knownNetworkDays, signInLimits } from "#lib/limits";
import { fewAtATime } from "./few-at-a-time.ts";
import { networkOf } from "./network.ts";

/** Who tries to prove that they are the person with an address. */
export interface Attempt {
  /** The person's address, in lower case. */
  email: string;
  /** The client's IP address; null when it is not known (lib/http/client-address.ts). */
  client: string | null;
  /** A session says already that it is this person: only the count of their own network holds them up. */
  isSignedIn?: boolean;
}

/** Where an attempt was counted. */
export interface CountedAttempt {
  network: string | null;
  pair: string;
  address: string | null;
  known: string | null;
}

type Counted = keyof typeof signInLimits;

/** Too many attempts failed: nothing was looked at. */
export class TooManyAttempts extends AppError {
  /** They were at this person. From a network that is held up for guesses at others, nobody has tried who they are. */
  readonly isAboutPerson: boolean;

  /** @param seconds until the count begins anew */
  constructor(kind: Counted, seconds: number) {
    const { minutes } = signInLimits[kind];
    super("TOO_MANY_ATTEMPTS", `Too many failed attempts. Try again in ${minutes} minutes.`, {
      headers: { "Retry-After": String(seconds) },
    });
    this.isAboutPerson = kind !== "network";
  }
}

/** Seconds until a count's end, at least one. */
const untilExpiry = Prisma.sql`greatest(1, ceil(extract(epoch FROM expires_at - now())))::int`;

/** A flood of attempts must not take the connections of those who are signed in. */
const inTurn = fewAtATime(4);

/**
 * Counts an attempt, before the password is looked at: of any number at once, in any number of processes, no more pass
 * than may. Attempts that are refused are not counted. Signing in and changing the password share the counts, so that
 * neither is a way around the other.
 *
 * Nobody can lock a person out of the networks from which they signed in lately: there, only attempts
 * from the same network count against them.
 * @returns what `attemptSucceeded` wants when the password is right
 * @throws TooManyAttempts
 */
export async function countAttempt({ isSignedIn, ...who }: Attempt): Promise<CountedAttempt> {
  const keys = keysOf(who);
  const counted = () =>
    transaction({ as: "identity" }, async (db) => {
      await refuseUncounted(db, keys);
      // Always in this order, so that no two attempts wait for each other.
      if (keys.network) await count(db, "network", keys.network);
      await count(db, "pair", keys.pair);
      const countsForAddress = !isSignedIn && !(await isKnown(db, keys.known));
      if (countsForAddress) await count(db, "address", keys.address);
      await removeExpired(db);
      return { ...keys, address: countsForAddress ? keys.address : null };
    });
  return inTurn(counted);
}

/** Takes an attempt back that turned out right, and remembers the network. */
export async function attemptSucceeded(keys: CountedAttempt): Promise<void> {
  await transaction({ as: "identity" }, async (db) => {
    if (keys.network) await takeBack(db, "network", keys.network);
    await db.$executeRaw`DELETE FROM sign_in_attempts WHERE kind = 'pair' AND key = ${keys.pair}`;
    if (keys.address) await takeBack(db, "address", keys.address);
    if (keys.known) {
      await db.$executeRaw`
        INSERT INTO sign_in_attempts (kind, key, attempts, expires_at)
        VALUES ('known', ${keys.known}, 0, now() + ${knownNetworkDays} * interval '1 day')
        ON CONFLICT (kind, key) DO UPDATE SET expires_at = excluded.expires_at`;
    }
  });
}

/**
 * Counts a try at a person's code, before the code is looked at: of any number at once, in any number of processes, no more pass
 * than may. Nobody who knows the password can lock the person out of the networks from which they signed in lately.
 * @returns what `codeSucceeded` wants when the code is right
 * @throws TooManyAttempts
 */
export async function countCode(who: Attempt & { user_id: number }): Promise<string> {
  const { known, network } = keysOf(who);
  return inTurn(() =>
    transaction({ as: "identity" }, async (db) => {
      const where = (await isKnown(db, known)) ? (network ?? "") : "elsewhere";
      const key = hash("code", String(who.user_id), where);
      await count(db, "code", key);
      await removeExpired(db);
      return key;
    }),
  );
}

/** Forgets the tries at a code, once it was right. */
export async function codeSucceeded(key: string): Promise<void> {
  await transaction(
    { as: "identity" },
    (db) => db.$executeRaw`DELETE FROM sign_in_attempts WHERE kind = 'code' AND key = ${key}`,
  );
}

async function count(db: Tx, kind: Counted, key: string): Promise<void> {
  const { attempts, minutes } = signInLimits[kind];
  const counted = await db.$executeRaw`
    INSERT INTO sign_in_attempts AS past (kind, key, attempts, expires_at)
    VALUES (${kind}, ${key}, 1, now() + ${minutes} * interval '1 minute')
    ON CONFLICT (kind, key) DO UPDATE SET
      attempts = CASE WHEN past.expires_at <= now() THEN 1 ELSE past.attempts + 1 END,
      expires_at = CASE WHEN past.expires_at <= now() THEN excluded.expires_at ELSE past.expires_at END
    WHERE past.expires_at <= now() OR past.attempts < ${attempts}`;
  if (counted === 0) throw new TooManyAttempts(kind, await secondsLeft(db, kind, key));
}

/** Until a count begins anew; another transaction may have removed it just now. */
async function secondsLeft(db: Tx, kind: Counted, key: string): Promise<number> {
  const [row] = await db.$queryRaw<{ seconds: number }[]>`
    SELECT ${untilExpiry} AS seconds FROM sign_in_attempts WHERE kind = ${kind} AND key = ${key}`;
  return row?.seconds ?? 1;
}

/** A flood of attempts that are over the limit already does not queue for the counts' locks. */
async function refuseUncounted(db: Tx, { network, pair }: CountedAttempt): Promise<void> {
  const [over] = await db.$queryRaw<{ kind: "network" | "pair"; seconds: number }[]>`
    SELECT kind, ${untilExpiry} AS seconds FROM sign_in_attempts
    WHERE expires_at > now() AND (kind = 'pair' AND key = ${pair} AND attempts >= ${signInLimits.pair.attempts}
      OR kind = 'network' AND key = ${network} AND attempts >= ${signInLimits.network.attempts})
    ORDER BY kind = 'pair' DESC LIMIT 1`;
  if (over) throw new TooManyAttempts(over.kind, over.seconds);
}

async function takeBack(db: Tx, kind: Counted, key: string): Promise<void> {
  await db.$executeRaw`
    UPDATE sign_in_attempts SET attempts = attempts - 1 WHERE kind = ${kind} AND key = ${key} AND attempts > 0`;
}

async function isKnown(db: Tx, key: string | null): Promise<boolean> {
  if (key === null) return false;
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM sign_in_attempts WHERE kind = 'known' AND key = ${key} AND expires_at > now()`;
  return rows.length > 0;
}

/** An attempt adds three rows at most and removes up to ten: what is kept is no more than the last hour's. */
async function removeExpired(db: Tx): Promise<void> {
  await db.$executeRaw`
    DELETE FROM sign_in_attempts WHERE (kind, key) IN (
      SELECT kind, key FROM sign_in_attempts WHERE expires_at <= now()
      ORDER BY expires_at LIMIT 10 FOR UPDATE SKIP LOCKED)`;
}

function keysOf({ email, client }: Attempt): CountedAttempt & { address: string } {
  const network = client === null ? null : networkOf(client);
  return {
    network: network && hash(network),
    pair: hash(email, network ?? "unknown"),
    address: hash(email),
    known: network && hash(email, network),
  };
}

function hash(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

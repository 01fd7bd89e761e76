import { createHash } from "node:crypto";
import pg from "pg";
import { networkOf } from "#lib/access/network";
import { signInLimits } from "#lib/limits";
import { demo } from "./support/demo.ts";
import { person } from "./support/people.ts";
import { expect, test } from "./support/test.ts";
import { startWeb } from "./support/web-process.ts";

/** Reserved for documentation: nobody else signs in from there. */
const client = "203.0.113.77";
const hash = (...parts: (string | null)[]) =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");
const network = hash(networkOf(client));

/** Signs in at a web process by what a browser gets and sends, with a wrong password. */
async function guesser(url: string) {
  const asked = await fetch(`${url}/api/auth/csrf`);
  const { csrfToken } = (await asked.json()) as { csrfToken: string };
  const cookie = asked.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .join("; ");
  return async (email: string): Promise<string> => {
    const answer = await fetch(`${url}/api/auth/callback/credentials`, {
      method: "POST",
      redirect: "manual",
      headers: { cookie, "X-Forwarded-For": client },
      body: new URLSearchParams({ csrfToken, email, password: "wrong" }),
    });
    const why = new URL(answer.headers.get("location") ?? url, url).searchParams.get("error");
    if (answer.status !== 429) return why ?? String(answer.status);
    const { code } = (await answer.json()) as { code: string };
    const seconds = Number(answer.headers.get("retry-after"));
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThanOrEqual(signInLimits.pair.minutes * 60);
    return code;
  };
}

test("two web processes let through no more guesses than one: for an account, and from a client", async () => {
  const settings = { TRUSTED_PROXIES: "127.0.0.1,::1" };
  const webs = await Promise.all([startWeb(settings), startWeb(settings)]);
  const database = new pg.Pool({ connectionString: demo().database_url, max: 1 });
  const counted = async (kind: string, key: string) =>
    (await database.query("SELECT attempts FROM sign_in_attempts WHERE kind = $1 AND key = $2", [kind, key]))
      .rows[0]?.attempts;
  try {
    const guessers = await Promise.all(webs.map(({ url }) => guesser(url)));
    const guess = async (addresses: readonly string[]) => {
      const answers = await Promise.all(addresses.map((email, at) => guessers[at % 2]?.(email)));
      return Object.groupBy(answers, (answer) => answer ?? "");
    };
    const { email } = person("readonly", 1).user;
    const ofOne = await guess(Array.from({ length: 50 }, () => email));
    const { attempts } = signInLimits.pair;
    expect(ofOne.CredentialsSignin).toHaveLength(attempts);
    expect(ofOne.TOO_MANY_ATTEMPTS).toHaveLength(50 - attempts);
    expect(await counted("pair", hash(email, networkOf(client)))).toBe(attempts);
    expect(await counted("network", network)).toBe(attempts);

    // Not to hash a hundred passwords.
    const left = 8;
    await database.query("UPDATE sign_in_attempts SET attempts = $2 WHERE kind = 'network' AND key = $1", [
      network,
      signInLimits.network.attempts - left,
    ]);
    const ofMany = await guess(Array.from({ length: 50 }, (_, at) => `nobody.${at}@nowhere.example`));
    expect(ofMany.CredentialsSignin).toHaveLength(left);
    expect(ofMany.TOO_MANY_ATTEMPTS).toHaveLength(50 - left);
    expect(await counted("network", network)).toBe(signInLimits.network.attempts);
  } finally {
    await database.end();
    await Promise.all(webs.map((web) => web.stop()));
  }
});

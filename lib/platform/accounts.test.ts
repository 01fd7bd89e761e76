import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test, vi } from "vitest";
import { currentUser } from "#lib/access/current-user";
import { beginSession } from "#lib/access/sessions";
import { signIn } from "#lib/access/sign-in";
import { transaction } from "#lib/db/transaction";
import { acceptAsNewPerson } from "#lib/members/accept-invitation";
import { inviteMember } from "#lib/members/invitations";
import { withWorld } from "#lib/testing/world";
import { commandLine } from "./by.ts";
import { makeResetLink, setDisabled } from "./people.ts";
import { openReset, resetPassword } from "./reset-password.ts";

const world = withWorld({ policies: 1 });
const run = promisify(execFile);
const password = "correct horse battery staple";
const chosen = "a sentence of their own";
const owner = "owner@tenant1.example";

/** A command as somebody types it. */
async function command(script: string, ...args: string[]) {
  try {
    const { stdout } = await run(process.execPath, [`scripts/accounts/${script}.ts`, ...args], {
      env: { ...process.env, DATABASE_URL: world.database.url, NEXTAUTH_URL: "https://backup.example" },
    });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stderr } = error as { code: number; stderr: string };
    return { code, said: stderr };
  }
}
const tokenIn = (text: string) => /https:\/\/backup\.example\/reset\/([\w-]{43})$/m.exec(text)?.[1] ?? "";
const makeLink = async () => {
  const { path } = await transaction({ as: "identity" }, (db) =>
    makeResetLink(db, commandLine, { email: owner }),
  );
  return path.replace("/reset/", "");
};
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "DONE",
    (error) => error.code,
  );
const entries = async (where: string) =>
  (
    await world.admin.query(
      `SELECT actor_name AS who, action FROM audit_log WHERE action ~ '^(user|member\\.password)' AND ${where} ORDER BY id`,
    )
  ).rows.map(({ who, action }) => `${who}: ${action}`);

describe("a lost password", () => {
  let token: string;

  test("is replaced by a link from the command line, which works once; the latest alone", async () => {
    const user = await signIn({ email: owner, password });
    if (!user) throw new Error("the owner cannot sign in");
    const session = await beginSession(user, { address: null, device: null });
    const earlier = await makeLink();
    token = tokenIn((await command("reset-user", "--email", ` ${owner.toUpperCase()}`)).said);
    expect(await openReset(earlier)).toBeNull();
    expect(await openReset(token)).toMatchObject({ email: owner });
    const { rows } = await world.admin.query("SELECT r::text AS stored FROM password_resets r");
    expect(JSON.stringify(rows)).not.toContain(token);
    // Nothing has changed yet.
    expect(await currentUser(session, null)).toMatchObject({ email: owner });

    await expect(resetPassword(token, "football1234")).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
      errors: [{ path: "password", message: expect.stringContaining("easy to guess") }],
    });
    expect((await Promise.all([1, 2].map(() => codeOf(resetPassword(token, chosen))))).sort()).toEqual([
      "DONE",
      "NOT_FOUND",
    ]);
    expect(await currentUser(session, null)).toBeNull();
    expect(await signIn({ email: owner, password })).toBeNull();
    expect(await signIn({ email: owner, password: chosen })).toMatchObject({ id: user.id });
    expect(await openReset(token)).toBeNull();
  });

  test("leaves its trace in the platform's log and in that of the person's tenants, and of no other", async () => {
    expect(await entries("tenant_id IS NULL")).toEqual([
      "command line: user.reset_link_made",
      "command line: user.reset_link_made",
      "owner 1: member.password_reset",
    ]);
    expect(await entries("tenant_id IS NOT NULL")).toEqual(["owner 1: member.password_reset"]);
  });

  test("is not replaced by a link that has expired, nor for an account that is disabled", async () => {
    const late = await makeLink();
    await world.admin.query(
      "UPDATE password_resets SET created_at = now() - interval '25 hours', expires_at = now() - interval '1 second'",
    );
    expect(await openReset(late)).toBeNull();
    expect(await codeOf(resetPassword(late, chosen))).toBe("NOT_FOUND");
    const open = await makeLink();
    expect(await command("disable-user", "--email", owner)).toEqual({
      code: 0,
      said: `The account of ${owner} is disabled.\n`,
    });
    expect(await openReset(open)).toBeNull();
    expect(await codeOf(makeLink())).toBe("CONFLICT");
    expect(await signIn({ email: owner, password: chosen })).toBeNull();
    await transaction({ as: "identity" }, (db) => setDisabled(db, commandLine, { email: owner }, false));
    expect(await signIn({ email: owner, password: chosen })).not.toBeNull();
  });
});

test("where passwords are switched off, a link to choose one is for accounts for emergencies alone", async () => {
  vi.stubEnv("LOCAL_PASSWORDS", "off");
  try {
    expect(await codeOf(makeLink())).toBe("CONFLICT");
    expect(await command("create-admin", "--email", "late@platform.example")).toEqual({
      code: 1,
      said: "Passwords are switched off here, so none would let late@platform.example in. They sign in with Microsoft.\n",
    });
    vi.stubEnv("BREAK_GLASS_EMAILS", owner);
    expect(await codeOf(makeLink())).toBe("DONE");
  } finally {
    vi.unstubAllEnvs();
  }
  const { rows } = await world.admin.query("SELECT 1 FROM users WHERE email = 'late@platform.example'");
  expect(rows).toEqual([]);
});

test("a lost authenticator app: a new password leaves the second step, and the command line turns it off", async () => {
  const { user_id } = world.tenant.actors.owner;
  await world.admin.query(
    "INSERT INTO second_factors (user_id, secret_ciphertext, confirmed_at) VALUES ($1, '\\x00', now())",
    [user_id],
  );
  await world.admin.query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, repeat('a', 64))", [
    user_id,
  ]);
  const again = "another sentence of their own";
  await resetPassword(await makeLink(), again);
  await expect(signIn({ email: owner, password: again })).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
  const { rows: version } = await world.admin.query("SELECT session_version FROM users WHERE id = $1", [
    user_id,
  ]);
  const session = await beginSession({ id: user_id, ...version[0] }, { address: null, device: null });
  const turnOff = () => command("reset-user", "--email", owner, "--remove-second-factor");
  expect(await turnOff()).toMatchObject({
    code: 0,
    said: expect.stringContaining("is off, and all sessions"),
  });
  expect(await currentUser(session, null)).toBeNull();
  expect(await signIn({ email: owner, password: again })).toMatchObject({ id: user_id });
  const { rows } = await world.admin.query("SELECT FROM recovery_codes");
  expect(rows).toEqual([]);
  expect((await entries("tenant_id IS NOT NULL")).at(-1)).toBe("command line: user.second_factor_removed");
  expect((await entries("tenant_id IS NULL")).at(-1)).toBe("command line: user.second_factor_removed");
});

test("an administrator comes from the command line, and chooses their password by a link", async () => {
  const made = await command("create-admin", "--email", "Root@platform.example", "--name", "Root");
  await resetPassword(tokenIn(made.said), chosen);
  expect(await signIn({ email: "root@platform.example", password: chosen })).toMatchObject({ name: "Root" });
  expect(await command("set-administrator", "--email", owner)).toEqual({
    code: 0,
    said: `${owner} is a platform administrator now.\n`,
  });
  expect(await command("create-admin", "--email", owner)).toEqual({
    code: 1,
    said: expect.stringMatching(`^${owner} is a platform administrator already, with an account since 20`),
  });
  const administrators = async () =>
    (await world.admin.query("SELECT email FROM users WHERE is_platform_admin ORDER BY id")).rows.map(
      ({ email }) => email,
    );
  expect(await administrators()).toEqual([owner, "root@platform.example"]);
  expect(await command("set-administrator", "--email", owner, "--remove")).toEqual({
    code: 0,
    said: `${owner} is no platform administrator now.\n`,
  });
  expect(await command("set-administrator", "--email", "root@platform.example", "--remove")).toEqual({
    code: 1,
    said: "root@platform.example is the last platform administrator who can sign in. Make another one first.\n",
  });
  expect(await administrators()).toEqual(["root@platform.example"]);
});

test("an account that somebody made for an address is not made an administrator as if it were new", async () => {
  const { id, actors } = world.tenant;
  const email = "ops@corp.example";
  const { path } = await inviteMember(actors.owner, id, { email, role: "readonly" });
  await acceptAsNewPerson(path.replace("/invitations/", ""), { name: "Mallory", password: chosen });
  const { code, said } = await command("create-admin", "--email", " OPS@corp.example");
  expect(code).toBe(1);
  expect(said).toMatch(
    /^ops@corp\.example has had an account since 20\d\d-.*, in the name of Mallory\. Nothing was changed/,
  );
  expect(said).toContain("npm run user:administrator -- --email ops@corp.example");
  const { rows } = await world.admin.query(
    "SELECT is_platform_admin, has_password FROM users WHERE email = $1",
    [email],
  );
  expect(rows).toEqual([{ is_platform_admin: false, has_password: true }]);
});

test("a command says what it wants, and ends with a code that tells", async () => {
  expect(await command("reset-user")).toMatchObject({
    code: 2,
    said: expect.stringContaining("npm run user:reset"),
  });
  expect(await command("disable-user", "--all")).toMatchObject({ code: 2 });
  expect(await command("reset-user", "--email", "nobody@nowhere.example")).toEqual({
    code: 1,
    said: "Nobody has an account with the address nobody@nowhere.example.\n",
  });
});

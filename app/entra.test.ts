import type { NextApiRequest, NextApiResponse } from "next";
import NextAuth from "next-auth";
import { Events, OAuth2Server } from "oauth2-mock-server";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { actorOf, currentUser } from "#lib/access/current-user";
import type { RoleClaims } from "#lib/access/entra";
import { confirmLink, hasLinkedIdentity, unlinkIdentity } from "#lib/access/external-identities";
import { signIn } from "#lib/access/sign-in";
import { acceptAsNewPerson } from "#lib/members/accept-invitation";
import { inviteMember } from "#lib/members/invitations";
import { listMembers, setMemberRole } from "#lib/members/members";
import { addRoleRule, followRoleRules, listRoleRules, removeRoleRule } from "#lib/members/role-rules";
import { withWorld } from "#lib/testing/world";
import { authOptions } from "./auth.ts";
import { type EntraIntent, intentCookie, sealIntent } from "./entra-intent.ts";
import { sealSession, sessionCookie, sessionTicket, startSession } from "./session-cookie.ts";

const world = withWorld({ policies: 1 });
const microsoft = new OAuth2Server();
const origin = "http://localhost:3000";
const tenantId = "99999999-9999-4999-8999-999999999999";
const password = "correct horse battery staple";

/** What the next identity token says beside what each one says. */
let claims: Record<string, unknown>;
let people = 0;

beforeAll(async () => {
  await microsoft.issuer.keys.generate("RS256");
  await microsoft.start(0, "localhost");
  microsoft.service.on(Events.BeforeTokenSigning, (token) => Object.assign(token.payload, claims));
});

beforeEach(() => {
  vi.stubEnv("NEXTAUTH_URL", origin);
  vi.stubEnv("NEXTAUTH_SECRET", "a secret of tests that is long enough");
  vi.stubEnv("ENTRA_CLIENT_ID", "client");
  vi.stubEnv("ENTRA_CLIENT_SECRET", "secret");
  vi.stubEnv("ENTRA_TENANT_ID", tenantId);
  vi.stubEnv("ENTRA_ISSUER", String(microsoft.issuer.url));
  claims = someone();
});

afterEach(() => vi.unstubAllEnvs());
afterAll(() => microsoft.stop());

/** The claims of somebody whom nobody knows yet. */
function someone(): Record<string, unknown> & { oid: string } {
  people += 1;
  return {
    tid: tenantId,
    oid: `00000000-0000-4000-8000-${String(people).padStart(12, "0")}`,
    name: `Person ${people}`,
  };
}

/** A browser: its cookies, and next-auth's own handler at the other end. */
class Browser {
  readonly cookies = new Map<string, string>();

  get headers(): Headers {
    return new Headers({ cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ") });
  }

  /** @returns where it is sent, or the answer's JSON */
  async ask(method: "GET" | "POST", url: string, body: Record<string, string> = {}): Promise<string> {
    const { pathname, searchParams } = new URL(url, origin);
    const nextauth = pathname.replace("/api/auth/", "").split("/");
    const answer: { location?: string; json?: unknown; cookies: string[] } = { cookies: [] };
    const response = {
      status: () => response,
      getHeader: () => answer.cookies,
      setHeader(name: string, value: string | string[]) {
        if (name === "Set-Cookie") answer.cookies = [value].flat();
        if (name === "Location") answer.location = String(value);
        return response;
      },
      json: (json: unknown) => Object.assign(answer, { json }),
      send: (json: unknown) => Object.assign(answer, { json }),
      end: () => response,
    };
    const request = {
      method,
      query: { nextauth, ...Object.fromEntries(searchParams) },
      body,
      cookies: Object.fromEntries(this.cookies),
      headers: { host: new URL(origin).host },
    };
    const handle = NextAuth as unknown as (
      ...asked: [NextApiRequest, NextApiResponse, ReturnType<typeof authOptions>]
    ) => Promise<void>;
    await handle(request as never, response as never, authOptions(this.headers));
    for (const cookie of answer.cookies) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      this.cookies.set(name, decodeURIComponent(value));
    }
    return answer.location ?? JSON.stringify(answer.json);
  }

  /** @returns Microsoft's address, with what it is asked */
  async leave(): Promise<URL> {
    const { csrfToken } = JSON.parse(await this.ask("GET", "/api/auth/csrf")) as { csrfToken: string };
    return new URL(
      await this.ask("POST", "/api/auth/signin/entra", { csrfToken, callbackUrl: `${origin}/tenants` }),
    );
  }

  /** Goes to Microsoft and comes back. @returns where it is sent then */
  async enter(intent?: EntraIntent, detour: (url: URL) => void = () => {}): Promise<string> {
    if (intent) this.cookies.set(intentCookie().name, await sealIntent(intent));
    const there = await this.leave();
    detour(there);
    const back = (await fetch(there, { redirect: "manual" })).headers.get("location") ?? "";
    return (await this.ask("GET", back)).replace(origin, "");
  }

  async user() {
    const ticket = await sessionTicket(this.headers);
    return ticket && currentUser(ticket, null);
  }

  async signInAs(person: { id: number; session_version: number }): Promise<void> {
    this.cookies.set(sessionCookie().name, await sealSession(await startSession(person, new Headers())));
  }
}

async function invited(email: string): Promise<EntraIntent> {
  const { actors, id } = world.tenant;
  const { path } = await inviteMember(actors.owner, id, { email, role: "operator" });
  return { for: "invitation", token: path.slice("/invitations/".length) };
}

/** Somebody with a password, and a browser in which they are signed in. */
async function local(name: string) {
  const email = `${name}@local.example`;
  const intent = await invited(email);
  const person = await acceptAsNewPerson(intent.for === "invitation" ? intent.token : "", { name, password });
  const browser = new Browser();
  await browser.signInAs(person);
  return { ...person, browser };
}

describe("signing in with Microsoft", () => {
  test("asks with state, nonce and PKCE, for no more than who it is", async () => {
    const { searchParams } = await new Browser().leave();
    expect(Object.fromEntries(searchParams)).toMatchObject({
      client_id: "client",
      scope: "openid profile",
      response_type: "code",
      redirect_uri: `${origin}/api/auth/callback/entra`,
      code_challenge_method: "S256",
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  test("begins with an invitation, which makes the account, and then needs none", async () => {
    const first = new Browser();
    expect(await first.enter(await invited("ada@entra.example"))).toBe("/tenants");
    const user = await first.user();
    expect(user).toMatchObject({ email: "ada@entra.example", name: claims.name, uses_password: false });
    const second = new Browser();
    // Another address and another name in the directory: it is the same person.
    claims = { ...claims, email: "renamed@entra.example", name: "Renamed" };
    expect(await second.enter()).toBe("/tenants");
    expect(await second.user()).toMatchObject({ id: user?.id, email: "ada@entra.example" });
    expect(await signIn({ email: "ada@entra.example", password })).toBeNull();
    expect(await listMembers(world.tenant.actors.owner, world.tenant.id, {})).toContainEqual(
      expect.objectContaining({ user_id: user?.id, role: "operator" }),
    );
  });

  test("lets nobody in who is not known, whatever address they have", async () => {
    const grace = await local("grace");
    claims = { ...claims, email: grace.email, preferred_username: grace.email, upn: grace.email };
    const browser = new Browser();
    expect(await browser.enter()).toBe("/sign-in?microsoft=unknown");
    expect(await browser.user()).toBeNull();
  });

  test("never takes an account over, not even by an invitation of its address", async () => {
    const { id, email } = await local("alan");
    await world.admin.query("DELETE FROM memberships WHERE user_id = $1", [id]);
    const intent = await invited(email);
    const browser = new Browser();
    expect(await browser.enter(intent)).toMatch(/^\/invitations\/[\w-]+\?microsoft=conflict$/);
    expect(await browser.user()).toBeNull();
    const { rows } = await world.admin.query("SELECT 1 FROM external_identities WHERE user_id = $1", [id]);
    expect(rows).toEqual([]);
  });

  test("ends with a disabled account", async () => {
    const browser = new Browser();
    await browser.enter(await invited("disabled@entra.example"));
    await world.admin.query("UPDATE users SET disabled_at = now() WHERE email = 'disabled@entra.example'");
    expect(await new Browser().enter()).toBe("/sign-in?microsoft=forbidden");
    expect(await browser.user()).toBeNull();
  });

  test.each<[string, (browser: Browser) => Promise<string>, string]>([
    [
      "another state",
      (browser) => browser.enter(undefined, (url) => url.searchParams.set("state", "x")),
      "OAuthCallback",
    ],
    [
      "another nonce",
      (browser) => browser.enter(undefined, (url) => url.searchParams.set("nonce", "x")),
      "OAuthCallback",
    ],
    [
      "another browser",
      async (browser) => {
        const back =
          (await fetch(await browser.leave(), { redirect: "manual" })).headers.get("location") ?? "";
        browser.cookies.clear();
        return (await browser.ask("GET", back)).replace(origin, "");
      },
      "OAuthCallback",
    ],
    [
      "another issuer in the token",
      (browser) => {
        claims.iss = "https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/v2.0";
        return browser.enter();
      },
      "OAuthCallback",
    ],
    [
      "another audience",
      (browser) => {
        claims.aud = "somebody else's application";
        return browser.enter();
      },
      "OAuthCallback",
    ],
    [
      "an issuer that is not the one in the settings",
      (browser) => {
        vi.stubEnv("ENTRA_ISSUER", `${String(microsoft.issuer.url).replace("localhost", "127.0.0.1")}`);
        return browser.enter();
      },
      "foreign",
    ],
    [
      "another directory",
      (browser) => {
        claims.tid = "11111111-1111-4111-8111-111111111111";
        return browser.enter();
      },
      "foreign",
    ],
    [
      "no subject",
      (browser) => {
        delete claims.oid;
        return browser.enter();
      },
      "foreign",
    ],
  ])("refuses an answer with %s", async (_what, enter, outcome) => {
    const known = { ...claims };
    await new Browser().enter(await invited(`known.${people}@entra.example`));
    expect(await new Browser().enter()).toBe("/tenants");
    claims = known;
    const browser = new Browser();
    expect(await enter(browser)).toContain(outcome);
    expect(await browser.user()).toBeNull();
  });
});

describe("a Microsoft account", () => {
  const versionOf = async (id: number): Promise<number> =>
    (await world.admin.query("SELECT session_version FROM users WHERE id = $1", [id])).rows[0]
      .session_version;
  const link = async (browser: Browser): Promise<EntraIntent> => {
    const user = await browser.user();
    if (!user) throw new Error("nobody is signed in");
    return { for: "link", session_id: user.session.id, session_version: await versionOf(user.id) };
  };
  const actor = async (browser: Browser) => {
    const user = await browser.user();
    if (!user) throw new Error("nobody is signed in");
    return actorOf(user);
  };

  test("is linked by who is signed in and knows their password, and unlinked again", async () => {
    const { id, browser } = await local("linus");
    const me = await actor(browser);
    await expect(confirmLink(me, { password: "wrong" })).rejects.toMatchObject({
      errors: [{ path: "password" }],
    });
    expect(await confirmLink(me, { password })).toEqual({ session_version: await versionOf(id) });
    expect(await browser.enter(await link(browser))).toBe("/profile?microsoft=linked");
    expect(await hasLinkedIdentity(me, {})).toBe(true);
    const elsewhere = new Browser();
    expect(await elsewhere.enter()).toBe("/tenants");
    expect((await elsewhere.user())?.id).toBe(id);
    // Nobody else's from now on, and they have no second one.
    const { browser: other } = await local("mallory");
    expect(await other.enter(await link(other))).toBe("/profile?microsoft=conflict");
    claims = someone();
    expect(await browser.enter(await link(browser))).toBe("/profile?microsoft=conflict");
    await expect(unlinkIdentity(me, { password: "wrong" })).rejects.toMatchObject({
      code: "VALIDATION_FAILED",
    });
    const before = await link(browser);
    await unlinkIdentity(me, { password });
    expect(await hasLinkedIdentity(me, {})).toBe(false);
    // With it end the sessions that it began, and what was asked for before; the one that asks goes on.
    expect(await elsewhere.user()).toBeNull();
    expect((await browser.user())?.id).toBe(id);
    expect(await browser.enter(before)).toBe("/profile?microsoft=failed");
    expect(await hasLinkedIdentity(me, {})).toBe(false);
    const { rows } = await world.admin.query(
      "SELECT action FROM audit_log WHERE actor_id = $1 AND action LIKE 'member.identity%' ORDER BY id",
      [id],
    );
    expect(rows).toEqual([{ action: "member.identity_linked" }, { action: "member.identity_unlinked" }]);
  });

  test("of who is a member of no tenant is linked and unlinked under the eyes of the platform's log", async () => {
    const { id, browser } = await local("nomad");
    await world.admin.query("DELETE FROM memberships WHERE user_id = $1", [id]);
    expect(await browser.enter(await link(browser))).toBe("/profile?microsoft=linked");
    await unlinkIdentity(await actor(browser), { password });
    const { rows } = await world.admin.query(
      "SELECT tenant_id, action FROM audit_log WHERE actor_id = $1 AND action LIKE 'member.identity%' ORDER BY id",
      [id],
    );
    expect(rows).toEqual([
      { tenant_id: null, action: "member.identity_linked" },
      { tenant_id: null, action: "member.identity_unlinked" },
    ]);
  });

  test("is not linked to whoever sits at the browser by then", async () => {
    const { browser } = await local("ken");
    const intent = await link(browser);
    const { browser: next, ...other } = await local("dennis");
    await browser.signInAs(other);
    expect(await browser.enter(intent)).toBe("/profile?microsoft=failed");
    expect(await hasLinkedIdentity(await actor(next), {})).toBe(false);
  });
});

describe("role rules", () => {
  const says = (roles: string[], groups: string[] | null = []): RoleClaims => ({ roles, groups });

  test("make, change and remove memberships that a rule has made, and no other", async () => {
    const { actors, id } = world.foreign;
    const { id: userId } = await local("roland");
    const roleNow = async () =>
      (await listMembers(actors.owner, id, {})).find(({ user_id }) => user_id === userId)?.role;
    const group = "ABCDEF00-0000-4000-8000-000000000001";
    const low = await addRoleRule(actors.owner, id, { claim: "roles", value: "Look", role: "readonly" });
    await addRoleRule(actors.owner, id, { claim: "groups", value: group, role: "owner" });
    await expect(
      addRoleRule(actors.owner, id, { claim: "roles", value: "Look", role: "owner" }),
    ).rejects.toMatchObject({ code: "CONFLICT" });
    expect(await listRoleRules(actors.owner, id, {})).toHaveLength(2);

    await followRoleRules(userId, says(["Other"]));
    expect(await roleNow()).toBeUndefined();
    await followRoleRules(userId, says(["Look"]));
    expect(await roleNow()).toBe("readonly");
    await followRoleRules(userId, says(["Look"], [group.toLowerCase()]));
    expect(await roleNow()).toBe("owner");
    const { path: _link, ...invitation } = await inviteMember({ kind: "user", user_id: userId }, id, {
      email: "friend@local.example",
      role: "owner",
    });
    // Too many groups to say them: nothing is known, and nothing changes.
    await followRoleRules(userId, says([], null));
    expect(await roleNow()).toBe("owner");
    await followRoleRules(userId, says(["Look"]));
    expect(await roleNow()).toBe("readonly");
    const { rows } = await world.admin.query("SELECT withdrawn_at FROM invitations WHERE id = $1", [
      invitation.id,
    ]);
    expect(rows[0].withdrawn_at).not.toBeNull();
    await removeRoleRule(actors.owner, id, { rule_id: low.id });
    await followRoleRules(userId, says(["Look"]));
    expect(await roleNow()).toBeUndefined();
    const audit = await world.admin.query(
      "SELECT action FROM audit_log WHERE tenant_id = $1 AND actor_name = 'role rules' ORDER BY id",
      [id],
    );
    expect(audit.rows.map(({ action }) => action)).toEqual([
      "member.added",
      "member.role_changed",
      "member.role_changed",
      "member.invitation_withdrawn",
      "member.removed",
    ]);

    // What an owner decides is no rule's any more; and what no rule has made stays.
    await followRoleRules(userId, says([], [group]));
    await setMemberRole(actors.owner, id, { user_id: userId, role: "manager" });
    await followRoleRules(userId, says([]));
    expect(await roleNow()).toBe("manager");
    await followRoleRules(actors.operator.user_id, says([], [group]));
    const members = await listMembers(actors.owner, id, {});
    expect(members.find(({ user_id }) => user_id === actors.operator.user_id)?.role).toBe("operator");
  });

  test("never take the last owner, and are followed at each sign-in", async () => {
    const { actors, id } = world.foreign;
    const group = "ABCDEF00-0000-4000-8000-000000000002";
    await addRoleRule(actors.owner, id, { claim: "groups", value: group, role: "owner" });
    claims = { ...claims, groups: [group] };
    const browser = new Browser();
    await browser.enter(await invited("owner.by.rule@entra.example"));
    const userId = (await browser.user())?.id ?? 0;
    const roleNow = async () =>
      (
        await world.admin.query("SELECT role FROM memberships WHERE tenant_id = $1 AND user_id = $2", [
          id,
          userId,
        ])
      ).rows[0]?.role;
    expect(await roleNow()).toBe("owner");
    claims = { ...claims, groups: [] };
    await world.admin.query("UPDATE memberships SET role = 'manager' WHERE tenant_id = $1 AND user_id = $2", [
      id,
      actors.owner.user_id,
    ]);
    await new Browser().enter();
    expect(await roleNow()).toBe("owner");
    await world.admin.query("UPDATE memberships SET role = 'owner' WHERE tenant_id = $1 AND user_id = $2", [
      id,
      actors.owner.user_id,
    ]);
    await new Browser().enter();
    expect(await roleNow()).toBeUndefined();
  });
});

describe("without local passwords", () => {
  test("nobody gets in by one but who is named, and nobody learns who that is", async () => {
    const barbara = await local("barbara");
    const edsger = await local("edsger");
    const { path } = await inviteMember(world.tenant.actors.owner, world.tenant.id, {
      email: "late@local.example",
      role: "readonly",
    });
    vi.stubEnv("LOCAL_PASSWORDS", "off");
    vi.stubEnv("BREAK_GLASS_EMAILS", "root@local.example, Edsger@local.example");
    await expect(signIn({ email: barbara.email, password })).rejects.toMatchObject({ code: "FORBIDDEN" });
    expect(await signIn({ email: barbara.email, password: "wrong" })).toBeNull();
    expect(await signIn({ email: edsger.email, password: "wrong" })).toBeNull();
    expect(await signIn({ email: edsger.email, password })).toMatchObject({ id: edsger.id });
    await expect(
      acceptAsNewPerson(path.slice("/invitations/".length), { name: "Late", password }),
    ).rejects.toMatchObject({ code: "FORBIDDEN" });
  });
});

import type pg from "pg";
import type { HostileRequest, Sender } from "#lib/testing/hostile-requests";
import type { DemoFile } from "../launch/demo-file.ts";

/** Those by whom requests are sent. */
export interface People {
  /** Puts right what requests may have done to them, and signs them in anew. */
  renew(): Promise<void>;
  /** What proves that a request is from somebody, or would if it were true. */
  headersOf(sender: Sender, request: HostileRequest): Record<string, string>;
}

/** The demo's people and tokens, one of them a platform administrator, and tenants and people to be done away with. */
export async function credentialsOf(url: URL, demo: DemoFile, database: pg.Pool): Promise<People> {
  const [tenant, other] = demo.tenants;
  const personOf = (role: string, id = tenant?.id) =>
    demo.users.find(
      (each) => each.role === role && each.tenant_ids.length === 1 && each.tenant_ids[0] === id,
    );
  const tokenOf = (role: string, id = tenant?.id) =>
    demo.api_tokens.find((each) => each.role === role && each.tenant_id === id)?.token ?? "";
  const readonly = personOf("readonly");
  const owner = personOf("owner");
  const administrator = personOf("manager", other?.id);
  if (!tenant || !readonly || !owner || !administrator) throw new Error("The demo lacks somebody.");
  const used = [readonly, owner, administrator];
  const emails = used.map(({ email }) => email);
  await database.query("UPDATE users SET is_platform_admin = true WHERE email = $1", [administrator.email]);
  const cookies = new Map<string, string>();
  const cookieOf = ({ email }: { email: string }, more: Record<string, string>) => ({
    Cookie: cookies.get(email) ?? "",
    ...more,
  });
  const fromHere = { Origin: url.origin, "Sec-Fetch-Site": "same-origin" };
  const fromElsewhere = { Origin: "https://evil.example", "Sec-Fetch-Site": "cross-site" };
  return {
    async renew() {
      await database.query("UPDATE tenants SET archived_at = NULL WHERE id = $1", [tenant.id]);
      await database.query("UPDATE users SET disabled_at = NULL WHERE email = ANY($1)", [emails]);
      await database.query(`
        INSERT INTO users (email, name, password_hash)
        SELECT 'fuzz' || n || '@expendable.example', 'Expendable ' || n, '$argon2id$none' FROM generate_series(1, 20) n
        ON CONFLICT DO NOTHING`);
      await database.query(`
        INSERT INTO tenants (name) SELECT 'Expendable ' || n FROM generate_series(1, 3) n
        WHERE (SELECT count(*) FROM tenants WHERE name LIKE 'Expendable%') < 3`);
      for (const { email, password } of used) cookies.set(email, await signIn(url, email, password));
    },
    headersOf(sender, { headers }) {
      // What a request says of itself goes before.
      const own = (proof: Record<string, string>) =>
        Object.fromEntries(Object.entries(proof).filter(([name]) => !(name in headers)));
      switch (sender) {
        case "nobody":
          return {};
        case "token of readonly":
        case "token of operator":
        case "token of manager":
        case "token of owner":
          return { Authorization: `Bearer ${tokenOf(sender.slice("token of ".length))}` };
        case "token of another tenant":
          return { Authorization: `Bearer ${tokenOf("owner", other?.id)}` };
        case "token that is none":
          return { Authorization: `Bearer ${tokenOf("owner").slice(0, -8)}AAAAAAAA` };
        case "session of readonly":
          return own(cookieOf(readonly, fromHere));
        case "session of owner":
          return own(cookieOf(owner, fromHere));
        case "session of a platform administrator":
          return own(cookieOf(administrator, fromHere));
        case "session sent by another site":
          return own(cookieOf(owner, fromElsewhere));
        case "session that is none":
          return own({ Cookie: `${cookies.get(owner.email)?.slice(0, -6)}AAAAAA`, ...fromHere });
      }
    },
  };
}

/** As a browser does. @returns the session's cookie */
async function signIn(url: URL, email: string, password: string): Promise<string> {
  const asked = await fetch(new URL("/api/auth/csrf", url));
  const { csrfToken } = (await asked.json()) as { csrfToken: string };
  const answer = await fetch(new URL("/api/auth/callback/credentials", url), {
    method: "POST",
    redirect: "manual",
    headers: { Cookie: cookiesIn(asked), Origin: url.origin },
    body: new URLSearchParams({ csrfToken, email, password }),
  });
  const cookie = cookiesIn(answer);
  if (!cookie.includes("session-token")) throw new Error(`${email} was not signed in: ${answer.status}`);
  return cookie;
}

function cookiesIn(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((each) => each.split(";")[0])
    .join("; ");
}

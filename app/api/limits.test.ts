import { afterEach, describe, expect, test, vi } from "vitest";
import { inviteMember, withdrawInvitation } from "#lib/members/invitations";
import { createSchedule } from "#lib/schedules/create";
import { deleteSchedule } from "#lib/schedules/delete";
import { plainSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { createToken, revokeToken, rotateToken } from "#lib/tokens/tokens";
import { api, browserHeaders, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 1 });

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("requests", () => {
  test("of one caller are counted, said to be left, and refused above the limit; nobody else's are", async () => {
    const { readonly, manager } = await tokensOf(world.tenant);
    const path = `/tenants/${world.tenant.id}`;
    expect((await api("GET", path, { token: readonly })).headers.get("ratelimit")).toBeNull();
    vi.stubEnv("API_REQUESTS_PER_MINUTE", "9");
    const first = await api("GET", path, { token: readonly });
    expect(first.headers.get("ratelimit-policy")).toBe('"caller";q=3;w=20');
    expect(first.headers.get("ratelimit")).toBe('"caller";r=2;t=7');
    await api("GET", path, { token: readonly });
    expect((await api("GET", `${path}/nowhere`, { token: readonly })).status).toBe(404);
    expect((await api("GET", path, { token: readonly })).status).toBe(200);
    const refused = await api("GET", path, { token: readonly });
    expect(refused).toMatchObject({ status: 429, json: { code: "RATE_LIMITED" } });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(7);
    expect(refused.headers.get("ratelimit")).toMatch(/^"caller";r=0;t=[1-7]$/);
    expect((await api("GET", path, { token: manager })).status).toBe(200);
  });

  test("of one person are counted together, whichever session sends them", async () => {
    vi.stubEnv("API_REQUESTS_PER_MINUTE", "6");
    const { actors, id } = world.tenant;
    const statuses: number[] = [];
    for (let times = 0; times < 3; times++)
      statuses.push(
        (await api("GET", `/tenants/${id}`, { headers: await browserHeaders(actors.operator) })).status,
      );
    expect(statuses).toEqual([200, 200, 429]);
  });
});

describe("a tenant has no more than it may", () => {
  test("backup schedules, however many are made at once", async () => {
    const { actors, id } = world.tenant;
    vi.stubEnv("TENANT_MAX_SCHEDULES", "2");
    const made = await Promise.allSettled(
      ["a", "b", "c", "d"].map((name) => createSchedule(actors.manager, id, { ...plainSchedule, name })),
    );
    expect(made.map(({ status }) => status).sort()).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    const { manager } = await tokensOf(world.tenant);
    const answer = await api("POST", `/tenants/${id}/backup-schedules`, {
      token: manager,
      body: plainSchedule,
    });
    expect(answer).toMatchObject({ status: 409, json: { code: "QUOTA_EXCEEDED" } });
    expect(answer.json.detail).toBe(
      "This tenant has 2 backup schedules. Delete one, or ask the operator of this service for more (TENANT_MAX_SCHEDULES).",
    );
    const kept = made.find((each) => each.status === "fulfilled");
    await deleteSchedule(actors.manager, id, { schedule_id: kept?.value.id ?? 0 });
    await createSchedule(actors.manager, id, { ...plainSchedule, name: "e" });
    await createSchedule(world.foreign.actors.manager, world.foreign.id, plainSchedule);
  });

  test("API tokens that work", async () => {
    const { actors, id } = world.foreign;
    vi.stubEnv("TENANT_MAX_TOKENS", "1");
    const token = { name: "script", role: "readonly" as const };
    const { id: token_id } = await createToken(actors.owner, id, token);
    await expect(createToken(actors.owner, id, token)).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
    await rotateToken(actors.owner, id, { token_id });
    // One that has ended counts no more, and would if it worked again.
    await world.admin.query(
      "UPDATE api_tokens SET expires_at = date_trunc('milliseconds', now()) WHERE id = $1",
      [token_id],
    );
    const { id: second } = await createToken(actors.owner, id, token);
    await expect(rotateToken(actors.owner, id, { token_id })).rejects.toMatchObject({
      code: "QUOTA_EXCEEDED",
    });
    await revokeToken(actors.owner, id, { token_id: second });
    await rotateToken(actors.owner, id, { token_id });
    await revokeToken(actors.owner, id, { token_id });
    await createToken(actors.owner, id, token);
  });

  test("members and open invitations; another invitation of the same address takes the first one's place", async () => {
    const { actors, id } = world.foreign;
    const { rows } = await world.admin.query(
      "SELECT count(*)::int AS n FROM memberships WHERE tenant_id = $1",
      [id],
    );
    vi.stubEnv("TENANT_MAX_MEMBERS", String(rows[0].n + 1));
    const invite = (email: string) => inviteMember(actors.owner, id, { email, role: "readonly" });
    const first = await invite("ada@contoso.example");
    await expect(invite("bob@contoso.example")).rejects.toMatchObject({ code: "QUOTA_EXCEEDED" });
    const again = await invite(first.email);
    await withdrawInvitation(actors.owner, id, { invitation_id: again.id });
    await invite("bob@contoso.example");
  });
});

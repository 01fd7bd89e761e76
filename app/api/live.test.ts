import { decode, encode } from "next-auth/jwt";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { changePassword } from "#lib/access/change-password";
import { hashPassword } from "#lib/access/passwords";
import type { Role } from "#lib/access/permissions";
import { liveMark } from "#lib/live/listen";
import { removeMember } from "#lib/members/members";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { until, withWorld } from "#lib/testing/world";
import { createToken, revokeToken } from "#lib/tokens/tokens";
import { authOptions, sessionCookie } from "../auth.ts";
import { browserHeaders, type RequestOptions, send, tokensOf } from "./testing/client.ts";

const world = withWorld({ policies: 1 });
let tokens: Record<Role, string>;
beforeAll(async () => {
  tokens = await tokensOf(world.tenant);
});

/** Opens the stream and collects what comes, as an EventSource would. */
async function watch(tenantId: number, { since, ...options }: RequestOptions & { since?: string }) {
  const leave = new AbortController();
  const path = `/tenants/${tenantId}/live${since ? `?since=${since}` : ""}`;
  const { response } = await send("GET", path, { ...options, signal: leave.signal });
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  const heard: string[] = [];
  let over = false;
  const ended = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) heard.push(decoder.decode(chunk));
    over = true;
  })();
  await until("the first words", async () => heard.join("").includes(since ? "retry:" : "event: resync"));
  return { text: () => heard.join(""), ended, hasEnded: () => over, leave: () => leave.abort() };
}

describe("the live stream", () => {
  test("tells a member what changes in their tenant, and what is theirs alone", async () => {
    const { id, actors } = world.tenant;
    const theirs = await makeSchedule(world.foreign.actors.manager, world.foreign.id);
    const mine = await makeSchedule(actors.manager, id);
    const operator = await watch(id, { headers: await browserHeaders(actors.operator) });
    const script = await watch(id, { token: tokens.readonly });
    expect(operator.text()).toMatch(/^retry: \d+\n\n/);

    await startRun(world.foreign.actors.operator, world.foreign.id, { schedule_id: theirs.id });
    const run = await startRun(actors.operator, id, { schedule_id: mine.id });
    const told = `event: run\ndata: {"topic":"run","id":${run.id}}\n\n`;
    await until(
      "the run's event",
      async () => operator.text().includes(told) && script.text().includes(told),
    );
    await until("the notification's event", async () => operator.text().includes("event: notification\n"));
    expect(script.text()).not.toContain("event: notification");
    expect(operator.text().match(/event: run\n/g)).toHaveLength(1);

    operator.leave();
    script.leave();
    await Promise.all([operator.ended, script.ended]);
  });

  test("comes again after the database cut the connection, with a resync", async () => {
    const { id, actors } = world.tenant;
    const stream = await watch(id, { token: tokens.readonly });
    const resyncs = () => stream.text().match(/event: resync/g)?.length;
    expect(resyncs()).toBe(1);
    await world.admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tenantpilot-live' AND datname = current_database()",
    );
    await until("a second resync", async () => resyncs() === 2);
    const schedule = await makeSchedule(actors.manager, id);
    const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
    await until("an event after it", async () => stream.text().includes(`"id":${run.id}`));
    stream.leave();
    await stream.ended;
  });

  test("spares who brings the newest mark the resync, and nobody else", async () => {
    const { id, actors } = world.tenant;
    const schedule = await makeSchedule(actors.manager, id);
    const first = await watch(id, { token: tokens.readonly });
    const mark = liveMark(id) ?? "";
    expect(mark).not.toBe("");
    const current = await watch(id, { token: tokens.readonly, since: mark });
    const run = await startRun(actors.operator, id, { schedule_id: schedule.id });
    await until("the run's event", async () => current.text().includes(`"id":${run.id}`));
    expect(current.text()).not.toContain("resync");

    const resynced = async (since: string) => {
      const stream = await watch(id, { token: tokens.readonly, since });
      await until("a resync", async () => stream.text().includes("event: resync"));
      stream.leave();
      await stream.ended;
    };
    await resynced(mark);
    // Another tenant may have heard as many events.
    await resynced((liveMark(id) ?? "").replace(`.${id}.`, `.${world.foreign.id}.`));
    await resynced("a mark of another process");
    for (const stream of [first, current]) stream.leave();
    await Promise.all([first.ended, current.ended]);
  });

  test("holds one connection for all, and none when nobody watches", async () => {
    const connections = async () =>
      (
        await world.admin.query(
          "SELECT count(*)::int AS n FROM pg_stat_activity WHERE application_name = 'tenantpilot-live' AND datname = current_database()",
        )
      ).rows[0].n;
    const streams = [
      await watch(world.tenant.id, { token: tokens.readonly }),
      await watch(world.tenant.id, { token: tokens.owner }),
    ];
    expect(await connections()).toBe(1);
    for (const stream of streams) stream.leave();
    await Promise.all(streams.map((stream) => stream.ended));
    await until("the connection is closed", async () => (await connections()) === 0);
  });

  describe("ends within a minute", () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    /** A stream of somebody of this test's alone, with a session made now. */
    async function watchedBy(email: string) {
      const { id, actors } = world.tenant;
      const { rows } = await world.admin.query<{ id: number }>(
        "INSERT INTO users (email, name, password_hash) VALUES ($1, 'Watcher', 'none') RETURNING id",
        [email],
      );
      const user_id = rows[0]?.id ?? 0;
      await world.admin.query(
        "INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'readonly')",
        [id, user_id],
      );
      const headers = await browserHeaders({ user_id });
      return { user_id, headers, owner: actors.owner, stream: await watch(id, { headers }) };
    }

    /** Lets the stream's next look at its reader come and go. */
    async function oneLook() {
      await vi.advanceTimersByTimeAsync(60_000);
    }

    test("of a new password, while another session's stream goes on", async () => {
      const { user_id, stream } = await watchedBy("password@live.example");
      const script = await watch(world.tenant.id, { token: tokens.readonly });
      await oneLook();
      expect(stream.hasEnded()).toBe(false);
      await world.admin.query("UPDATE users SET password_hash = $2 WHERE id = $1", [
        user_id,
        await hashPassword("the first of two passwords"),
      ]);
      await changePassword(user_id, {
        current_password: "the first of two passwords",
        new_password: "and this is the second",
      });
      await oneLook();
      await stream.ended;
      expect(script.hasEnded()).toBe(false);
      script.leave();
      await script.ended;
    });

    test("of the session's own end, even when next-auth wrote the cookie anew meanwhile", async () => {
      const { headers, stream } = await watchedBy("life@live.example");
      const { name } = sessionCookie();
      const [, cookie = ""] = (headers.Cookie ?? "").split(`${name}=`);
      await vi.advanceTimersByTimeAsync(6 * 60 * 60_000);
      const secret = process.env.NEXTAUTH_SECRET ?? "";
      const token = (await decode({ token: cookie, secret })) ?? {};
      const renewed = await encode({
        token: (await authOptions().callbacks?.jwt?.({ token } as never)) ?? {},
        secret,
        maxAge: 12 * 60 * 60,
      });
      const second = await watch(world.tenant.id, { headers: { ...headers, Cookie: `${name}=${renewed}` } });
      expect(stream.hasEnded()).toBe(false);
      await vi.advanceTimersByTimeAsync(6 * 60 * 60_000 + 60_000);
      await Promise.all([stream.ended, second.ended]);
    });

    test("of the account, the membership, or the token", async () => {
      const disabled = await watchedBy("disabled@live.example");
      const removed = await watchedBy("removed@live.example");
      const { id, token } = await createToken(world.tenant.actors.owner, world.tenant.id, {
        name: "live",
        role: "readonly",
      });
      const script = await watch(world.tenant.id, { token });
      await world.admin.query("UPDATE users SET disabled_at = now() WHERE id = $1", [disabled.user_id]);
      await removeMember(removed.owner, world.tenant.id, { user_id: removed.user_id });
      await revokeToken(world.tenant.actors.owner, world.tenant.id, { token_id: id });
      await oneLook();
      await Promise.all([disabled.stream.ended, removed.stream.ended, script.ended]);
    });
  });

  test("is refused to strangers", async () => {
    expect(
      (await send("GET", `/tenants/${world.foreign.id}/live`, { token: tokens.owner })).response.status,
    ).toBe(404);
    expect((await send("GET", `/tenants/${world.tenant.id}/live`)).response.status).toBe(401);
  });
});

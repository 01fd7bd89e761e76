import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { changePassword } from "#lib/access/change-password";
import { hashPassword } from "#lib/access/passwords";
import type { Role } from "#lib/access/permissions";
import { hashRecoveryCode, newRecoveryCodes } from "#lib/access/recovery-codes";
import { removeSecondFactor } from "#lib/access/second-factor";
import { sealSecret } from "#lib/access/second-step";
import { hashToken } from "#lib/access/secret-token";
import type { Alert } from "#lib/alerts/raise";
import { liveMark } from "#lib/live/listen";
import { removeMember } from "#lib/members/members";
import { startRun } from "#lib/runs/start";
import { deleteSchedule } from "#lib/schedules/delete";
import { raise } from "#lib/testing/raise";
import { makeSchedule } from "#lib/testing/schedules";
import { until, withWorld } from "#lib/testing/world";
import { createToken, revokeToken } from "#lib/tokens/tokens";
import { authOptions } from "../auth.ts";
import { sessionTicket } from "../session-cookie.ts";
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

  test("tells once that incidents opened, got worse or are over, to those who watch their tenant", async () => {
    const { id } = world.tenant;
    const stream = await watch(id, { token: tokens.readonly });
    const foreign = await watch(world.foreign.id, {
      headers: await browserHeaders(world.foreign.actors.owner),
    });
    const told = (of: typeof stream) =>
      [...of.text().matchAll(/event: incident\ndata: (.*)\n/g)].map(([, data]) => JSON.parse(data ?? "").id);
    const alert = (kind: "run.failed" | "run.partial" | "run.recovered", schedule: number): Alert => ({
      kind,
      cause: `schedule:${schedule}:backup`,
      tenant_id: id,
      title: kind,
      body: "",
      link: null,
    });
    await raise(alert("run.partial", 1));
    await until("the opening's event", async () => told(stream).length === 1);
    const { rows } = await world.admin.query("SELECT id FROM incidents WHERE closed_at IS NULL");
    expect(told(stream)).toEqual([rows[0].id]);
    // Found again it is neither opened nor worse.
    await raise(alert("run.partial", 1));
    await raise(alert("run.failed", 1), alert("run.failed", 2), alert("run.failed", 3));
    await until("the event of several", async () => told(stream).length === 2);
    await raise(...[1, 2, 3].map((schedule) => alert("run.recovered", schedule)));
    await until("the event of their end", async () => told(stream).length === 3);
    expect(told(stream).slice(1)).toEqual([null, null]);

    // Whoever opens them, and for how many tenants: each hears of its own.
    const worker = (tenant_id: number): Alert => ({
      kind: "worker.missing",
      cause: "worker",
      tenant_id,
      title: "No worker",
      body: "",
      link: null,
    });
    expect(told(foreign)).toEqual([]);
    await raise(worker(id), worker(world.foreign.id));
    await until("either's event", async () => told(stream).length === 4 && told(foreign).length === 1);
    expect(told(foreign)).not.toContain(told(stream).at(-1));

    // A schedule that is deleted takes its incidents along.
    const schedule = await makeSchedule(world.tenant.actors.manager, id);
    await raise({ ...alert("run.failed", schedule.id), schedule_id: schedule.id });
    await until("the opening's event", async () => told(stream).length === 5);
    await deleteSchedule(world.tenant.actors.manager, id, { schedule_id: schedule.id });
    await until("the event of the deletion", async () => told(stream).length === 6);
    for (const each of [stream, foreign]) each.leave();
    await Promise.all([stream.ended, foreign.ended]);
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

  describe("ends within a second", () => {
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

    /** Each minute a stream looks again by itself: whatever ends one before that was told. In milliseconds. */
    const atOnce = 10_000;

    /** Does something that ends a stream. @returns how long the stream took to end, in milliseconds */
    async function timeToEnd({ ended }: { ended: Promise<void> }, endIt: () => Promise<unknown>) {
      await endIt();
      const from = performance.now();
      await ended;
      return performance.now() - from;
    }

    test("of signing out and of a new password, while other sessions' streams go on", async () => {
      const one = await watchedBy("one@live.example");
      const headers = await browserHeaders(one);
      const second = await watch(world.tenant.id, { headers });
      const other = await watchedBy("other@live.example");
      const signOut = async () => {
        const token = await sessionTicket(new Headers(one.headers));
        const leaving = { sub: String(token?.user_id), secret: token?.secret };
        await authOptions(new Headers()).events?.signOut?.({ token: leaving } as never);
      };
      expect(await timeToEnd(one.stream, signOut)).toBeLessThan(atOnce);
      expect(second.hasEnded()).toBe(false);
      await world.admin.query("UPDATE users SET password_hash = $2 WHERE id = $1", [
        one.user_id,
        await hashPassword("the first of two passwords"),
      ]);
      const change = () =>
        changePassword(
          { kind: "user", user_id: one.user_id },
          { current_password: "the first of two passwords", new_password: "and this is the second" },
        );
      expect(await timeToEnd(second, change)).toBeLessThan(atOnce);
      expect(other.stream.hasEnded()).toBe(false);
      other.stream.leave();
      await other.stream.ended;
    });

    test("of a second step that is required, when its person turns it off to set up another phone", async () => {
      const { user_id, stream } = await watchedBy("phone@live.example");
      const password = "of somebody with a new phone";
      const [code = ""] = newRecoveryCodes();
      await world.admin.query("UPDATE users SET password_hash = $2 WHERE id = $1", [
        user_id,
        await hashPassword(password),
      ]);
      await world.admin.query(
        "INSERT INTO second_factors (user_id, secret_ciphertext, confirmed_at) VALUES ($1, $2, now())",
        [user_id, Buffer.from(sealSecret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", user_id))],
      );
      await world.admin.query("INSERT INTO recovery_codes (user_id, code_hash) VALUES ($1, $2)", [
        user_id,
        hashRecoveryCode(code),
      ]);
      vi.stubEnv("REQUIRE_TOTP", "all");
      try {
        const turnOff = () => removeSecondFactor({ kind: "user", user_id }, { password, code });
        expect(await timeToEnd(stream, turnOff)).toBeLessThan(atOnce);
      } finally {
        vi.unstubAllEnvs();
      }
    });

    test("of the account, the membership, or the token, and of a token whose maker leaves", async () => {
      const { id, actors } = world.tenant;
      const disabled = await watchedBy("disabled@live.example");
      const removed = await watchedBy("removed@live.example");
      const made = await createToken(actors.owner, id, { name: "live", role: "readonly" });
      const script = await watch(id, { token: made.token });
      const leftBehind = await createToken(actors.owner, id, { name: "left behind", role: "readonly" });
      await world.admin.query("UPDATE api_tokens SET created_by = $2 WHERE id = $1", [
        leftBehind.id,
        removed.user_id,
      ]);
      const orphan = await watch(id, { token: leftBehind.token });
      const disable = () =>
        world.admin.query("UPDATE users SET disabled_at = now() WHERE id = $1", [disabled.user_id]);
      expect(await timeToEnd(disabled.stream, disable)).toBeLessThan(atOnce);
      const revoke = () => revokeToken(actors.owner, id, { token_id: made.id });
      expect(await timeToEnd(script, revoke)).toBeLessThan(atOnce);
      expect([removed.stream.hasEnded(), orphan.hasEnded()]).toEqual([false, false]);
      const both = { ended: Promise.all([removed.stream.ended, orphan.ended]).then(() => {}) };
      const remove = () => removeMember(actors.owner, id, { user_id: removed.user_id });
      expect(await timeToEnd(both, remove)).toBeLessThan(atOnce);
    });
  });

  describe("ends within a minute", () => {
    beforeEach(() => {
      vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    test("of the session's own end, which nobody announces", async () => {
      const { id, actors } = world.tenant;
      const headers = await browserHeaders(actors.operator);
      const stream = await watch(id, { headers });
      const ticket = await sessionTicket(new Headers(headers));
      await world.admin.query(
        "UPDATE sessions SET created_at = now() - interval '12 hours', ends_at = date_trunc('milliseconds', now()) WHERE secret_hash = $1",
        [hashToken(ticket?.secret ?? "")],
      );
      await vi.advanceTimersByTimeAsync(60_000);
      await stream.ended;
    });
  });

  test("is not opened by HEAD, which answers what GET would begin with", async () => {
    vi.stubEnv("EVENT_STREAMS_PER_CALLER", "1");
    try {
      const { id } = world.tenant;
      for (const _ of [1, 2]) {
        const { response } = await send("HEAD", `/tenants/${id}/live`, { token: tokens.operator });
        expect([response.status, response.headers.get("content-type"), response.body]).toEqual([
          200,
          "text/event-stream",
          null,
        ]);
      }
      const stream = await watch(id, { token: tokens.operator });
      expect((await send("HEAD", `/tenants/${id}/live`, { token: tokens.operator })).response.status).toBe(
        429,
      );
      stream.leave();
      await stream.ended;
    } finally {
      vi.unstubAllEnvs();
    }
  });

  test("is refused to strangers", async () => {
    expect(
      (await send("GET", `/tenants/${world.foreign.id}/live`, { token: tokens.owner })).response.status,
    ).toBe(404);
    expect((await send("GET", `/tenants/${world.tenant.id}/live`)).response.status).toBe(401);
  });
});

import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { withWorld } from "#lib/testing/world";
import { serveHealth, workerReadiness } from "./health-server.ts";

const world = withWorld({ policies: 1 });

test("a worker says how it is, and is not ready when it stops, stands still, or the schema is not there", async () => {
  let ticked: Date | null = null;
  let stopping = false;
  const state = { startedAt: new Date(), lastTickAt: () => ticked, stopping: () => stopping, told: false };
  const server = await serveHealth(
    { WORKER_HEALTH_PORT: 0, HOST: "127.0.0.1", METRICS_TOKEN: "secret" },
    state,
  );
  if (!server) throw new Error("nothing listens");
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { headers });
    return { status: response.status, text: await response.text() };
  };
  try {
    expect(await ask("/health")).toEqual({ status: 200, text: '{"status":"ok"}' });
    const ready = await ask("/ready");
    expect(ready.status).toBe(200);
    expect(JSON.parse(ready.text).checks.notifications).toMatchObject({ ok: false });
    expect((await ask("/metrics")).status).toBe(401);
    expect(await ask("/metrics", { Authorization: "Bearer secret" })).toMatchObject({
      status: 200,
      text: expect.stringContaining("process_resident_memory_bytes"),
    });
    expect((await ask("/other")).status).toBe(404);

    const inThreeMinutes = Date.now() + 180_000;
    const late = await workerReadiness(state, inThreeMinutes);
    expect(late).toMatchObject({ ready: false, checks: { dispatch: { ok: false } } });
    ticked = new Date(inThreeMinutes - 20_000);
    expect(await workerReadiness(state, inThreeMinutes)).toMatchObject({
      ready: true,
      checks: { dispatch: { ok: true, message: "looked for due schedules 20 s ago" } },
    });

    const { rows } = await world.admin.query(
      `DELETE FROM _prisma_migrations WHERE migration_name = (SELECT max(migration_name) FROM _prisma_migrations)
       RETURNING *`,
    );
    expect((await workerReadiness(state, inThreeMinutes)).checks.migrations).toMatchObject({
      ok: false,
      message: expect.stringContaining(rows[0].migration_name),
    });
    stopping = true;
    const answer = await ask("/ready");
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text).checks.process).toEqual({ ok: false, message: "is stopping" });
  } finally {
    server.close();
  }
});

test("a request line that no address can be made of is answered, and the worker lives on", async () => {
  const state = { startedAt: new Date(), lastTickAt: () => null, stopping: () => false, told: true };
  const server = await serveHealth(
    { WORKER_HEALTH_PORT: 0, HOST: "127.0.0.1", METRICS_TOKEN: undefined },
    state,
  );
  if (!server) throw new Error("nothing listens");
  const statusOf = async (target: string) => {
    const socket = connect(server.port, "127.0.0.1");
    socket.write(`GET ${target} HTTP/1.1\r\nHost: worker\r\nConnection: close\r\n\r\n`);
    return / \d+ /.exec(await text(socket))?.[0].trim();
  };
  try {
    for (const target of ["*:x", "*@x", "*", "http://worker:x/"]) expect(await statusOf(target)).toBe("400");
    expect(await statusOf("http://somebody:else@worker/health")).toBe("200");
    expect(await statusOf("/health")).toBe("200");
  } finally {
    server.close();
  }
});

test("without a port nothing listens", async () => {
  const state = { startedAt: new Date(), lastTickAt: () => null, stopping: () => false, told: true };
  expect(
    await serveHealth({ WORKER_HEALTH_PORT: undefined, HOST: undefined, METRICS_TOKEN: undefined }, state),
  ).toBeNull();
});

import { execFile } from "node:child_process";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { freePort } from "./postgres/free-port.ts";
import { bundled } from "./testing/bundle.ts";

/** `npm run schedules:dispatch`, as a process. */

const world = withWorld({ policies: 10 });

let script: string;
beforeAll(async () => {
  script = await bundled("scripts/dispatch.ts");
});

interface Said {
  code: number | null;
  out: string;
  err: string;
}

function dispatch(args: string[], environment: Record<string, string> = {}): Promise<Said> {
  return new Promise((resolve) => {
    const env = { ...process.env, ...environment };
    const child = execFile(process.execPath, [script, ...args], { env }, (_error, out, err) =>
      resolve({ code: child.exitCode, out, err }),
    );
  });
}

/** What dispatch writes. */
async function written(): Promise<unknown> {
  const { rows } = await world.admin.query(`
    SELECT (SELECT count(*)::int FROM backup_schedule_runs) AS runs, (SELECT count(*)::int FROM audit_log) AS audit,
           (SELECT count(*)::int FROM pgboss.job WHERE name = 'execute-run') AS jobs,
           (SELECT array_agg(next_run_at ORDER BY id) FROM backup_schedules) AS due`);
  return rows[0];
}

const at = "2031-05-01T12:00:00Z";
let ids: number[];

beforeEach(async () => {
  const { id, actors } = world.tenant;
  await world.admin.query("UPDATE backup_schedules SET next_run_at = NULL, is_enabled = false");
  const made = [await makeSchedule(actors.manager, id), await makeSchedule(actors.manager, id)];
  ids = made.map((schedule) => schedule.id);
  await startRun(actors.operator, id, { schedule_id: ids[1] ?? 0 });
});

describe("one tick by hand", () => {
  test("with --dry-run says what would be done, and does nothing", async () => {
    const before = await written();
    const { code, out } = await dispatch(["--dry-run", "--at", at]);
    expect(code).toBe(0);
    expect(out).toContain("would start");
    expect(out).toContain("2031-05-01T00:00:00.000Z");
    expect(out.trim().split("\n").at(-1)).toBe("1 would start, 1 would be skipped.");
    const json = JSON.parse((await dispatch(["--dry-run", "--json", "--at", at])).out);
    expect(json).toMatchObject({ dry_run: true, started: 1, skipped: 1 });
    expect(json.runs).toContainEqual({
      id: null,
      tenant_id: world.tenant.id,
      backup_schedule_id: ids[0],
      scheduled_for: "2031-05-01T00:00:00.000Z",
      status: "running",
    });
    expect(await written()).toEqual(before);
  });

  test("does what it says, as a table, and then nothing is due", async () => {
    const { code, out, err } = await dispatch(["--at", at]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("scheduled for");
    expect(out.trim().split("\n").at(-1)).toBe("1 started, 1 skipped.");
    const { rows } = await world.admin.query(
      "SELECT status::text FROM backup_schedule_runs WHERE backup_schedule_id = ANY($1) AND trigger = 'schedule' ORDER BY backup_schedule_id",
      [ids],
    );
    expect(rows).toEqual([{ status: "running" }, { status: "skipped" }]);
    expect((await dispatch(["--at", at])).out.trim()).toBe("Nothing is due.");
  });

  test("says as JSON which runs it made", async () => {
    const { code, out } = await dispatch(["--json", "--at", "2031-05-01T14:00:00+02:00"]);
    expect(code).toBe(0);
    const said = JSON.parse(out);
    expect(said).toMatchObject({ dry_run: false, started: 1, skipped: 1 });
    const { rows } = await world.admin.query(
      "SELECT id FROM backup_schedule_runs WHERE backup_schedule_id = ANY($1) AND trigger = 'schedule' ORDER BY id",
      [ids],
    );
    expect(said.runs.map((run: { id: number }) => run.id).sort()).toEqual(rows.map((row) => row.id));
  });

  test.each([
    [["--at", "tomorrow"], "--at tomorrow: not an instant; write it as 2026-03-29T01:00:00Z."],
    [["--at", "2026-03-29T01:00:00"], "not an instant"],
    [["--frobnicate"], "Unknown option '--frobnicate'"],
    [["now"], "Unexpected argument 'now'"],
  ])("refuses %j with a sentence and the help", async (args, sentence) => {
    const { code, out, err } = await dispatch(args);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err.split("\n")[0]).toContain(sentence);
    expect(err).toContain("npm run schedules:dispatch");
    expect(err).not.toMatch(/^\s+at /m);
  });

  test("says in one sentence that the database does not answer", async () => {
    const DATABASE_URL = `postgresql://nobody@127.0.0.1:${await freePort()}/none`;
    const { code, out, err } = await dispatch([], { DATABASE_URL });
    expect({ code, out, err }).toEqual({
      code: 1,
      out: "",
      err: "The database cannot be reached. Is it running, and is DATABASE_URL right?\n",
    });
  });

  test("explains itself", async () => {
    const { code, out } = await dispatch(["--help"]);
    expect(code).toBe(0);
    expect(out).toContain("--dry-run");
  });
});

import { beforeAll, describe, expect, test } from "vitest";
import type { Role } from "#lib/access/permissions";
import { openApiDocument } from "#lib/http/openapi";
import { makeSchedule } from "#lib/testing/schedules";
import { until, withWorld } from "#lib/testing/world";
import { served } from "./served.ts";
import { api, tokensOf } from "./testing/client.ts";

/** ETag, If-Match and If-None-Match of a schedule (RFC 9110, section 13). */

const world = withWorld({ policies: 1 });
let tokens: Record<Role, string>;
let base: string;

beforeAll(async () => {
  tokens = await tokensOf(world.tenant);
  base = `/tenants/${world.tenant.id}/backup-schedules`;
});

const newSchedule = () => makeSchedule(world.tenant.actors.manager, world.tenant.id);
const patch = (id: number, ifMatch: string, body: unknown = { name: "Changed" }) =>
  api("PATCH", `${base}/${id}`, { token: tokens.manager, body, headers: { "If-Match": ifMatch } });
const remove = (id: number, ifMatch: string) =>
  api("DELETE", `${base}/${id}`, { token: tokens.manager, headers: { "If-Match": ifMatch } });
const read = (id: number, ifNoneMatch?: string) =>
  api("GET", `${base}/${id}`, {
    token: tokens.readonly,
    ...(ifNoneMatch === undefined ? {} : { headers: { "If-None-Match": ifNoneMatch } }),
  });

describe("ETag", () => {
  test("begins with the version, in the answers to POST, GET and PATCH", async () => {
    const created = await api("POST", base, {
      token: tokens.manager,
      body: {
        name: "Tagged",
        timezone: "UTC",
        frequency: "daily",
        time_of_day: "02:00",
        policy_types: ["deviceCompliancePolicy"],
      },
    });
    expect(created.headers.get("etag")).toMatch(new RegExp(`^"${created.json.version}-[0-9a-f]{16}"$`));
    expect((await read(created.json.id)).headers.get("etag")).toBe(created.headers.get("etag"));
    const changed = await patch(created.json.id, created.headers.get("etag") ?? "");
    expect(changed.status).toBe(200);
    expect(changed.headers.get("etag")).toMatch(new RegExp(`^"${created.json.version + 1}-`));
    expect((await read(created.json.id)).headers.get("etag")).toBe(changed.headers.get("etag"));
  });
});

describe("If-Match", () => {
  test("refuses to change or delete another version, and names the one that there is", async () => {
    const { id, version } = await newSchedule();
    for (const refused of [await patch(id, `"${version + 1}"`), await remove(id, `"${version + 1}"`)]) {
      expect(refused).toMatchObject({
        status: 412,
        json: { code: "PRECONDITION_FAILED", current_version: version },
      });
      expect(refused.json.detail).toContain(`"${version}"`);
    }
    expect((await read(id)).json).toMatchObject({ version, name: "Nightly" });
    expect((await remove(id, `"${version}"`)).status).toBe(204);
  });

  test("takes a list, empty elements of it, and *", async () => {
    const { id, version } = await newSchedule();
    expect((await patch(id, `"x,y", ,W/"1",\t"${version}"`)).status).toBe(200);
    expect((await patch(id, "*")).status).toBe(200);
    expect((await patch(id, `"${version}", "${version + 1}"`)).status).toBe(412);
    expect((await remove(id, " * ")).status).toBe(204);
    expect((await remove(id, "*")).status).toBe(404);
  });

  test("compares strongly: a weak tag is no version", async () => {
    const { id, version } = await newSchedule();
    expect((await patch(id, `W/"${version}"`)).status).toBe(412);
  });

  test.each(["", ",", "1", '"1', '"1" "2"', '"1",2', '*, "1"', 'w/"1"', '"a b"'])(
    "that is no list of tags is 400: %s",
    async (header) => {
      const { id } = await newSchedule();
      const refused = [await patch(id, header), await remove(id, header), await read(id, header)];
      for (const { status, json } of refused) {
        expect(status).toBe(400);
        expect(json).toMatchObject({ code: "MALFORMED_REQUEST" });
      }
    },
  );

  test("goes before the version of the body, which is an edit conflict as before", async () => {
    const { id, version } = await newSchedule();
    const old = { name: "Changed", version: version + 5 };
    expect((await patch(id, '"77"', old)).status).toBe(412);
    expect(await patch(id, `"${version}"`, old)).toMatchObject({
      status: 409,
      json: { code: "EDIT_CONFLICT" },
    });
  });

  test("is looked at under the lock: of 10 changes of one version at once, one is made", async () => {
    const { id, version } = await newSchedule();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => patch(id, `"${version}"`, { name: `Change ${i}` })),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array(9).fill(412)]);
    expect((await read(id)).json.version).toBe(version + 1);
  });

  test("sees what was committed while the request waited for the schedule", async () => {
    const { id, version } = await newSchedule();
    const other = await world.admin.connect();
    try {
      await other.query("BEGIN");
      await other.query("UPDATE backup_schedules SET version = version + 1 WHERE id = $1", [id]);
      const deletion = remove(id, `"${version}"`);
      await until("the request waits", async () => {
        const { rows } = await world.admin.query(
          "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        );
        return rows.length > 0;
      });
      await other.query("COMMIT");
      expect((await deletion).status).toBe(412);
    } finally {
      other.release();
    }
    expect((await read(id)).status).toBe(200);
  });
});

describe("If-None-Match", () => {
  test("of the current version is 304 without a body, of another one the schedule", async () => {
    const { id, version } = await newSchedule();
    const tag = (await read(id)).headers.get("etag") ?? "";
    for (const header of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      const answer = await read(id, header);
      expect(answer).toMatchObject({ status: 304, text: "" });
      expect(answer.headers.get("etag")).toBe(tag);
      expect(answer.headers.get("content-type")).toBeNull();
    }
    expect(await read(id, `"${version + 1}"`)).toMatchObject({ status: 200, json: { id } });
    expect((await read(0, "*")).status).toBe(404);
  });

  test("is not the current one any more when a run has ended, although If-Match still goes by the version", async () => {
    const { id, version } = await newSchedule();
    const tag = (await read(id)).headers.get("etag") ?? "";
    await world.admin.query(
      "UPDATE backup_schedules SET last_run_at = now(), last_run_status = 'success' WHERE id = $1",
      [id],
    );
    const answer = await read(id, tag);
    expect(answer).toMatchObject({ status: 200, json: { id, version, last_run_status: "success" } });
    expect(answer.headers.get("etag")).not.toBe(tag);
    expect((await patch(id, tag)).status).toBe(200);
  });
});

test("the OpenAPI document says all of it", async () => {
  const { paths } = openApiDocument(await served());
  const one = paths["/tenants/{tenantId}/backup-schedules/{scheduleId}"];
  const headersOf = (method: string) =>
    one?.[method]?.parameters.filter((parameter) => parameter.in === "header").map(({ name }) => name);
  expect(headersOf("get")).toEqual(["If-None-Match"]);
  expect(headersOf("patch")).toEqual(["If-Match"]);
  expect(headersOf("delete")).toEqual(["If-Match"]);
  for (const method of ["patch", "delete"])
    expect(one?.[method]?.responses["412"]?.description).toBe("PRECONDITION_FAILED");
  expect(one?.get?.responses["304"]?.headers).toHaveProperty("ETag");
  expect(one?.get?.responses["200"]?.headers).toHaveProperty("ETag");
  const create = paths["/tenants/{tenantId}/backup-schedules"]?.post;
  expect(Object.keys(create?.responses["201"]?.headers ?? {})).toEqual([
    "Location",
    "ETag",
    "Idempotency-Replayed",
  ]);
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "@playwright/test";
import { demo } from "./support/demo.ts";
import { contractProxy } from "./support/prism.ts";

const { url, api_tokens } = demo();
const manager = api_tokens.find((token) => token.role === "manager");
if (!manager) throw new Error("The demo has no token of a manager");
const base = `/tenants/${manager.tenant_id}/backup-schedules`;

let proxy: Awaited<ReturnType<typeof contractProxy>>;
test.beforeAll(async () => {
  proxy = await contractProxy(`${url}/api`);
});
test.afterAll(() => proxy.stop());

const weekly = {
  name: "Contract",
  timezone: "America/New_York",
  frequency: "weekly",
  time_of_day: "06:15",
  days_of_week: [1, 3],
  policy_types: ["deviceCompliancePolicy"],
  include_foundations: false,
  retention_keep_last: 3,
};

async function send(method: string, path: string, body?: unknown) {
  const response = await fetch(`${proxy.url}${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${manager?.token}`,
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  expect(response.headers.get("sl-violations"), `${method} ${path} violates the contract`).toBeNull();
  return { status: response.status, json: text ? JSON.parse(text) : null };
}

/** The schedule's newest run, once it has ended. */
async function endedRun(scheduleId: number) {
  let newest = { id: 0, status: "running" };
  await expect(async () => {
    newest = (await send("GET", `${base}/${scheduleId}/runs`)).json[0];
    expect(newest.status).not.toBe("running");
  }).toPass({ timeout: 45_000 });
  return newest;
}

test("every path of the contract answers as it says", async () => {
  const created = await send("POST", base, weekly);
  expect(created).toMatchObject({
    status: 201,
    json: { name: "Contract", time_of_day: "06:15:00", is_enabled: true },
  });
  const { id } = created.json;

  const list = await send("GET", base);
  expect(list.status).toBe(200);
  expect(list.json.map((schedule: { id: number }) => schedule.id)).toContain(id);

  const daily = await send("PATCH", `${base}/${id}`, {
    frequency: "daily",
    days_of_week: null,
    retention_keep_last: 5,
  });
  expect(daily).toMatchObject({
    status: 200,
    json: { frequency: "daily", days_of_week: null, retention_keep_last: 5 },
  });
  expect(await send("PATCH", `${base}/${id}`, { is_enabled: false })).toMatchObject({
    status: 200,
    json: { next_run_at: null },
  });

  const started = await send("POST", `${base}/${id}/run-now`);
  expect(started).toMatchObject({ status: 202, json: { status: "running", backup_schedule_id: id } });
  expect(await endedRun(id)).toMatchObject({ id: started.json.id, status: "success" });

  const retried = await send("POST", `${base}/${id}/retry`);
  expect(retried).toMatchObject({ status: 202, json: { backup_schedule_id: id } });
  expect(await endedRun(id)).toMatchObject({ id: retried.json.id, status: "success" });

  const runs = await send("GET", `${base}/${id}/runs`);
  expect(runs).toMatchObject({ status: 200, json: [{ id: retried.json.id }, { id: started.json.id }] });

  expect(await send("DELETE", `${base}/${id}`)).toEqual({ status: 204, json: null });
});

test("what the contract allows and we do not is the 422 that it names", async () => {
  for (const faulty of [
    { policy_types: ["nope"] },
    { time_of_day: "25:00" },
    { timezone: "Mars/Olympus" },
    { days_of_week: [] },
  ]) {
    const answer = await send("POST", base, { ...weekly, ...faulty });
    expect(answer).toMatchObject({ status: 422, json: { code: "VALIDATION_FAILED", errors: [{}] } });
  }
});

test("the proxy does look: a schedule without its fields is its error", async () => {
  const forgetful = createServer((_request, response) => {
    response.setHeader("Content-Type", "application/json").end('[{"id": 1}]');
  });
  await new Promise<void>((resolve) => forgetful.listen(0, "127.0.0.1", resolve));
  const { port } = forgetful.address() as AddressInfo;
  const checking = await contractProxy(`http://127.0.0.1:${port}`);
  const response = await fetch(`${checking.url}${base}`);
  expect(response.status).toBe(500);
  expect(await response.text()).toContain("VIOLATIONS");
  await checking.stop();
  forgetful.close();
});

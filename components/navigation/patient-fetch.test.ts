import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { patientFetch } from "./patient-fetch.ts";
import { sessionEnd, tellSessionBack } from "./session-end.ts";
import { noteUnsaved } from "./unsaved.ts";

const page = { headers: { rsc: "1" } };
let statuses: number[] = [];
/** A status of 0 stands for no answer, and 1 for half of one. */
const asked = vi.fn(async () => {
  const status = statuses.shift() ?? 200;
  if (status === 0) throw new TypeError("Failed to fetch");
  const half = new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode("half"));
      controller.error(new TypeError("network error"));
    },
  });
  return status === 1 ? new Response(half) : new Response("whole", { status });
});

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { location: new URL("https://tenantpilot.example/tenants/1?days=7") });
  asked.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("page data is asked for again until the service is back", async () => {
  statuses = [502, 0, 1];
  const answer = patientFetch(asked)("/tenants/1/runs?_rsc=1", page);
  await vi.advanceTimersByTimeAsync(500 + 1_000 + 1_999);
  expect(asked).toHaveBeenCalledTimes(3);
  await vi.advanceTimersByTimeAsync(1);
  expect((await answer).status).toBe(200);
  expect(await (await answer).text()).toBe("whole");
  expect(asked).toHaveBeenCalledTimes(4);
});

test("for a minute, and not for ever", async () => {
  statuses = Array.from({ length: 100 }, () => 502);
  const answer = patientFetch(asked)("/tenants/1/runs?_rsc=1", page);
  await vi.advanceTimersByTimeAsync(70_000);
  expect((await answer).status).toBe(502);

  statuses = Array.from({ length: 100 }, () => 0);
  const none = expect(patientFetch(asked)("/tenants/1/runs?_rsc=1", page)).rejects.toThrow("Failed to fetch");
  await vi.advanceTimersByTimeAsync(70_000);
  await none;
});

test("a clock that jumps while a request is under way is no waiting", async () => {
  statuses = [0, 502];
  const slow = vi.fn(async () => {
    // The computer sleeps, and wakes up without its connection.
    vi.setSystemTime(Date.now() + 3_600_000);
    return asked();
  });
  const answer = patientFetch(slow)("/tenants/1/runs?_rsc=1", page);
  await vi.advanceTimersByTimeAsync(500 + 1_000);
  expect(await (await answer).text()).toBe("whole");
});

test("the page that is shown is waited for as long as it takes, and any while something is not saved", async () => {
  for (const [path, note] of [
    ["/tenants/1?days=7&_rsc=1", () => () => {}],
    ["/tenants/1/runs?_rsc=1", noteUnsaved],
  ] as const) {
    const done = note();
    statuses = Array.from({ length: 100 }, (_, nth) => (nth % 2 ? 502 : 0));
    const answer = patientFetch(asked)(path, page);
    await vi.advanceTimersByTimeAsync(600_000);
    expect((await answer).status).toBe(200);
    expect(statuses).toEqual([]);
    done();
  }
});

test("what is no page, may not be asked twice, or is an answer of the service's own comes at once", async () => {
  for (const [status, init] of [
    [502, {}],
    [502, { ...page, method: "POST" }],
    [500, page],
    [404, page],
  ] as const) {
    statuses = [status];
    expect((await patientFetch(asked)("/", init)).status).toBe(status);
  }
  statuses = [0];
  await expect(patientFetch(asked)("/api/x", {})).rejects.toThrow("Failed to fetch");
  expect(asked).toHaveBeenCalledTimes(5);
});

test("who no longer wants the page stops the waiting", async () => {
  statuses = [502, 502];
  const gone = new AbortController();
  const answer = patientFetch(asked)("/", { ...page, signal: gone.signal });
  const refused = expect(answer).rejects.toThrow("another page");
  await vi.advanceTimersByTimeAsync(100);
  gone.abort(new Error("another page"));
  await refused;
  expect(asked).toHaveBeenCalledTimes(1);
});

test("who is sent to sign in while something is not saved is waited for, and then asked again", async () => {
  const sent = '1:E{"digest":"NEXT_REDIRECT;replace;/sign-in?next=%2Ftenants%2F1;307;"}';
  const bodies = [sent, "whole"];
  const fetch = vi.fn(async () => new Response(bodies.shift()));
  let user: object | undefined;
  vi.stubGlobal("fetch", async () => Response.json({ user }));
  const saved = noteUnsaved();
  try {
    const answer = patientFetch(fetch)("/tenants/1/backup-schedules/new?_rsc=1", page);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(fetch).toHaveBeenCalledTimes(1);
    expect(sessionEnd.read()).toBe(true);
    user = { name: "Mara", email: "mara@contoso.example" };
    await vi.advanceTimersByTimeAsync(2_000);
    expect(await (await answer).text()).toBe("whole");
  } finally {
    saved();
    tellSessionBack();
  }
  // With nothing to lose, they are led there.
  bodies.push(sent);
  expect(await (await patientFetch(fetch)("/tenants/1/runs?_rsc=1", page)).text()).toBe(sent);
});

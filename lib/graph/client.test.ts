import { generate } from "selfsigned";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { processMetrics } from "#lib/metrics";
import {
  type GraphTestServer,
  type Reply,
  startGraphTestServer,
  testTuning,
} from "#lib/testing/graph-server";
import { createGraphClient, type GraphClient, type GraphTuning } from "./client.ts";
import { GraphError } from "./errors.ts";
import { LimiterRegistry } from "./limiter.ts";

let server: GraphTestServer;
beforeEach(async () => {
  server = await startGraphTestServer();
});
afterEach(() => server[Symbol.asyncDispose]());

const INTENTS = "deviceManagement/intents";
const CONDITIONAL = "identity/conditionalAccess/policies";

function open(more: Partial<GraphTuning> = {}, signal = new AbortController().signal) {
  const tuning = testTuning(more);
  return { client: createGraphClient(server.connection, { signal, tuning }), waits: tuning.waits };
}

async function failureOf(promise: Promise<unknown>): Promise<GraphError> {
  const error = await promise.then(
    () => new Error("it succeeded"),
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(GraphError);
  return error as GraphError;
}

async function all(client: GraphClient, path: string): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const page of client.pages(path, "beta")) items.push(...page.value);
  return items;
}

const link = (path: string) => `${server.connection.graphUrl}/beta/${path}`;

test("requests are counted by family and status, waits by why, in seconds", async () => {
  const before = await processMetrics();
  const value = (text: string, line: string) =>
    Number(new RegExp(`^${line.replaceAll(/[{}]/g, "\\$&")} (.*)$`, "m").exec(text)?.[1] ?? 0);
  let asked = 0;
  server.reply(({ path }) => {
    asked += 1;
    if (path.includes("virtualEndpoint")) return { status: 404, body: {} };
    return asked === 1
      ? { status: 429, headers: { "Retry-After": "3" }, body: {} }
      : { body: { id: "i", value: [] } };
  });
  const { client } = open();
  await all(client, "deviceManagement/groupPolicyConfigurations");
  await failureOf(client.get("deviceManagement/virtualEndpoint/x", "beta"));
  const after = await processMetrics();
  const grown = (line: string) => value(after, line) - value(before, line);
  expect(grown('tenantpilot_graph_requests_total{family="admx",status="429"}')).toBe(1);
  expect(grown('tenantpilot_graph_requests_total{family="admx",status="200"}')).toBe(1);
  expect(grown('tenantpilot_graph_requests_total{family="cloudPc",status="404"}')).toBe(1);
  expect(grown('tenantpilot_graph_request_duration_seconds_count{family="admx"}')).toBe(2);
  const waited =
    grown('tenantpilot_graph_wait_seconds_total{family="admx",reason="refused"}') +
    grown('tenantpilot_graph_wait_seconds_total{family="admx",reason="budget"}');
  expect(waited).toBeGreaterThanOrEqual(3);
});

describe("pages", () => {
  test("are followed to the last", async () => {
    server.reply(({ path }) => {
      const page = Number(/skip=(\d)/.exec(path)?.[1] ?? 0);
      const next = page < 2 ? { "@odata.nextLink": link(`${INTENTS}?skip=${page + 1}`) } : {};
      return { body: { value: [{ id: `p${page}` }], ...next } };
    });
    expect(await all(open().client, INTENTS)).toEqual([{ id: "p0" }, { id: "p1" }, { id: "p2" }]);
    expect(server.tokens).toBe(1);
  });

  test("a next link to another host is not followed, and gets no token", async () => {
    await using other = await startGraphTestServer();
    server.reply(() => ({
      body: { value: [], "@odata.nextLink": `${other.connection.graphUrl}/beta/${INTENTS}?skip=1` },
    }));
    const error = await failureOf(all(open().client, INTENTS));
    expect(error.code).toBe("INCOMPLETE_CAPTURE");
    expect(other.requests).toEqual([]);
  });

  test("that lead back to themselves, or never end, end the list", async () => {
    server.reply(() => ({ body: { value: [], "@odata.nextLink": link(INTENTS) } }));
    expect((await failureOf(all(open().client, INTENTS))).message).toContain("in a loop");
    let page = 0;
    server.reply(() => ({ body: { value: [], "@odata.nextLink": link(`${INTENTS}?skip=${page++}`) } }));
    const error = await failureOf(all(open({ maxPages: 5 }).client, INTENTS));
    expect(error).toMatchObject({
      code: "INCOMPLETE_CAPTURE",
      message: expect.stringContaining("more than 5 pages"),
    });
  });

  test("an answer beyond the size limit is not read to its end", async () => {
    server.reply(() => ({ body: { value: [{ id: "x".repeat(5_000) }] } }));
    const error = await failureOf(all(open({ maxBodyBytes: 1_000 }).client, INTENTS));
    expect(error.code).toBe("INCOMPLETE_CAPTURE");
    expect(server.requests).toHaveLength(1);
  });
});

describe("errors become codes", () => {
  const forbidden = { error: { code: "Forbidden", message: "no" } };
  test.each([
    [403, { error: { code: "Authorization_RequestDenied", message: "no" } }, "PERMISSION_MISSING", 1],
    [401, forbidden, "PERMISSION_MISSING", 1],
    [
      401,
      { error: { code: "UnknownError", message: "", innerError: { code: "Forbidden" } } },
      "PERMISSION_MISSING",
      1,
    ],
    [400, { error: { code: "BadRequest", message: "no" } }, "TYPE_UNAVAILABLE", 1],
    [404, { error: { code: "ResourceNotFound", message: "no" } }, "TYPE_UNAVAILABLE", 1],
    [500, "<html>oops</html>", "GRAPH_UNAVAILABLE", 6],
    [502, {}, "GRAPH_UNAVAILABLE", 6],
    [503, {}, "GRAPH_UNAVAILABLE", 6],
    [504, {}, "GRAPH_UNAVAILABLE", 6],
    [509, {}, "GRAPH_UNAVAILABLE", 6],
    [429, {}, "GRAPH_THROTTLE", 13],
    [302, {}, "GRAPH_UNAVAILABLE", 1],
  ])("%i %j is %s after %i requests, alone and in a batch", async (status, body, code, requests) => {
    server.reply(() => (typeof body === "string" ? { status, text: body } : { status, body }));
    const alone = await failureOf(open().client.get(INTENTS, "beta"));
    expect(alone).toMatchObject({ code, status, requestId: "req-1" });
    expect(server.requests).toHaveLength(requests);
    const part = await failureOf(open().client.entity(`${INTENTS}/1`, "beta"));
    expect(part).toMatchObject({ code, status });
    expect(server.requests).toHaveLength(2 * requests);
  });

  test("Intune's JSON inside a message is unwrapped for people", async () => {
    const message = JSON.stringify({ _version: 3, Message: "An error has occurred - Operation ID: 42" });
    server.reply(() => ({
      status: 400,
      body: { error: { code: "BadRequest", message, innerError: { "request-id": "inner" } } },
    }));
    const error = await failureOf(open().client.get(INTENTS, "beta"));
    expect(error.message).toBe(
      "Graph answered 400 for deviceManagement/intents: An error has occurred - Operation ID: 42",
    );
  });

  test.each(["hang", "cut"] as const)("%s ends after bounded attempts", async (reply) => {
    server.reply(() => reply);
    const error = await failureOf(open({ requestTimeoutMs: 60 }).client.get(INTENTS, "beta"));
    expect(error).toMatchObject({ code: "GRAPH_UNAVAILABLE", retryable: true });
    expect(server.requests).toHaveLength(reply === "hang" ? 3 : 6);
  });

  test("an error body with status 200 is no data: it is asked for again", async () => {
    const broken = { error: { code: "UnknownError", message: "" } };
    server.reply((_, nth) => ({ body: nth < 3 ? broken : { id: "1" } }));
    expect(await open().client.get(`${INTENTS}/1`, "beta")).toEqual({ id: "1" });
    server.reply(() => ({ body: { value: [{ id: "1" }, broken] } }));
    expect((await failureOf(all(open().client, INTENTS))).code).toBe("GRAPH_UNAVAILABLE");
    server.reply(() => ({ body: { id: "an object, no list" } }));
    expect((await failureOf(open().client.collection(INTENTS, "beta"))).code).toBe("GRAPH_UNAVAILABLE");
    server.reply(() => ({ text: "{ not json" }));
    expect((await failureOf(open().client.get(INTENTS, "beta"))).message).toContain("not valid JSON");
  });

  test("when an address keeps failing, what waits for it fails without being sent", async () => {
    server.reply(() => ({ status: 503 }));
    const { client } = open();
    await failureOf(client.get(INTENTS, "beta"));
    const sent = server.requests.length;
    await failureOf(client.get(INTENTS, "beta"));
    expect(server.requests).toHaveLength(sent);
  });
});

describe("throttling", () => {
  test("Retry-After is honored by the whole family", async () => {
    server.reply((_, nth) =>
      nth === 1 ? { status: 429, headers: { "retry-after": "7" } } : { body: { id: "1" } },
    );
    const { client, waits } = open();
    await client.get(INTENTS, "beta");
    expect(waits).toEqual([7_000]);
  });

  test("without Retry-After the pauses grow, and end", async () => {
    server.reply(() => ({ status: 429 }));
    const { client, waits } = open();
    const error = await failureOf(client.get(CONDITIONAL, "v1.0"));
    expect(error.code).toBe("GRAPH_THROTTLE");
    const pauses = waits.filter((wait) => wait > 1_000);
    expect(pauses.slice(0, 4)).toEqual([1_500, 3_000, 6_000, 12_000]);
    expect(pauses.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(300_000);
  });

  test("a wait beyond patience is not begun", async () => {
    server.reply(() => ({ status: 429, headers: { "retry-after": "3600" } }));
    const { client, waits } = open();
    expect((await failureOf(client.get(INTENTS, "beta"))).code).toBe("GRAPH_THROTTLE");
    expect((await failureOf(client.get(INTENTS, "beta"))).code).toBe("GRAPH_THROTTLE");
    expect(server.requests).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  test("conditional access is read at one request a second", async () => {
    server.reply(() => ({ body: { id: "1" } }));
    const { client, waits } = open();
    for (let i = 0; i < 4; i++) await client.get(CONDITIONAL, "v1.0");
    expect(waits).toEqual([1_000, 1_000, 1_000]);
  });

  test("in a storm of 30% throttled parts all arrive, with few requests more than needed", async () => {
    let seed = 7;
    const throttled = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31 < 0.3;
    };
    server.reply(({ path }) =>
      throttled()
        ? { status: 429, headers: { "retry-after": "1" } }
        : { body: { id: path.split("/").at(-1) } },
    );
    const { client, waits } = open();
    const ids = Array.from({ length: 2_000 }, (_, index) => `p${index}`);
    const objects = await Promise.all(ids.map((id) => client.entity(`${INTENTS}/${id}`, "beta")));
    expect(objects.map((object) => object.id)).toEqual(ids);
    expect(server.requests.length).toBeLessThanOrEqual(1.5 * ids.length);
    // Each waits for itself; the family waits only for its budget of 1000 in 20 s, twice or three times.
    expect(waits.filter((wait) => wait > 1_500).length).toBeLessThan(12);
    // Those that are throttled again and again come back in ever fewer, at the end alone.
    expect(server.batches.slice(0, 130)).toEqual(Array.from({ length: 130 }, () => 20));
    expect(server.batches.length).toBeLessThanOrEqual((1.5 * ids.length) / 20 + 10);
  });
});

describe("a storm that meets whole batches too", () => {
  test("ends with everything, each part asked for 1.5 times at most", async () => {
    let seed = 11;
    const throttled = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31 < 0.3;
    };
    const refusal = { status: 429, headers: { "retry-after": "2" } };
    server.replyBatch(() => (throttled() ? refusal : undefined));
    server.reply(({ path }) => (throttled() ? refusal : { body: { id: path.split("/").at(-1) } }));
    const { client, waits } = open();
    const ids = Array.from({ length: 2_000 }, (_, index) => `p${index}`);
    const objects = await Promise.all(ids.map((id) => client.entity(`${INTENTS}/${id}`, "beta")));
    expect(objects.map((object) => object.id)).toEqual(ids);
    expect(server.requests.length).toBeLessThanOrEqual(1.5 * ids.length);
    // The family never came to a stand: its waits are those of its budget.
    expect(waits.filter((wait) => wait > 2_500).length).toBeLessThan(12);
  });
});

describe("$batch", () => {
  const ok = (path: string) => ({ body: { id: path.split("/").at(-1) } });

  test("carries 20 at most, and gives each caller its own part", async () => {
    server.reply(({ path }) => ok(path));
    const { client } = open();
    const ids = Array.from({ length: 45 }, (_, index) => `p${index}`);
    const objects = await Promise.all(ids.map((id) => client.entity(`${INTENTS}/${id}`, "beta")));
    expect(objects.map((object) => object.id)).toEqual(ids);
    expect(server.batches.toSorted((a, b) => b - a)).toEqual([20, 20, 5]);
    expect(server.requests.every((request) => request.part)).toBe(true);
  });

  test("asks in one language, in each part as alone", async () => {
    server.reply(({ path }) => ok(path));
    const { client } = open();
    await client.get(`${INTENTS}/1`, "beta");
    await client.entity(`${INTENTS}/2`, "beta");
    expect(server.requests.map(({ part, language }) => [part, language])).toEqual([
      [false, "en-US"],
      [true, "en-US"],
    ]);
  });

  test("each part is judged alone: failed ones are tried again, then fail by themselves", async () => {
    const tries = new Map<string, number>();
    server.reply(({ path }) => {
      const n = (tries.get(path) ?? 0) + 1;
      tries.set(path, n);
      if (path.endsWith("/flaky") && n < 3) return { status: 503 };
      if (path.endsWith("/throttled") && n < 2) return { status: 429, headers: { "Retry-After": "2" } };
      if (path.endsWith("/denied")) return { status: 403, body: { error: { code: "Forbidden" } } };
      if (path.endsWith("/lost") && n < 2) return "cut";
      if (path.endsWith("/dead")) return { status: 500 };
      return ok(path);
    });
    const { client } = open();
    const names = ["fine", "flaky", "throttled", "denied", "lost", "dead"];
    const results = await Promise.allSettled(names.map((id) => client.entity(`${INTENTS}/${id}`, "beta")));
    expect(
      results.map((result) => (result.status === "fulfilled" ? result.value.id : result.reason.code)),
    ).toEqual(["fine", "flaky", "throttled", "PERMISSION_MISSING", "lost", "GRAPH_UNAVAILABLE"]);
  });

  test("next links inside parts are followed", async () => {
    server.reply(({ path }) => {
      const page = Number(/skip=(\d)/.exec(path)?.[1] ?? 0);
      const next = page < 2 ? { "@odata.nextLink": link(`${INTENTS}/1/settings?skip=${page + 1}`) } : {};
      return {
        body: { value: Array.from({ length: 25 }, (_, index) => ({ id: `${page}-${index}` })), ...next },
      };
    });
    expect(await open().client.collection(`${INTENTS}/1/settings`, "beta")).toHaveLength(75);
  });

  test.each([
    ["throttled", { status: 429, headers: { "retry-after": "1" } }],
    ["broken", { text: "{" }],
    ["no batch answer", { body: { value: [] } }],
    ["down", { status: 502 }],
    ["cut", "cut" as const],
  ])("a batch that is as a whole %s is sent again", async (_, reply) => {
    server.reply(({ path }) => ok(path));
    server.replyBatch((nth) => (nth === 1 ? reply : undefined));
    expect(await open().client.entity(`${INTENTS}/1`, "beta")).toEqual({ id: "1" });
  });
});

describe("token", () => {
  test("a refused token is replaced once; then everything stops", async () => {
    server.reply(({ token }) => (token.endsWith(".1") ? { status: 401, body: {} } : { body: { id: "1" } }));
    const { client } = open();
    const both = [client.get(INTENTS, "beta"), client.entity(`${INTENTS}/1`, "beta")];
    expect(await Promise.all(both)).toEqual([{ id: "1" }, { id: "1" }]);
    expect(server.tokens).toBe(2);

    server.reply(() => ({ status: 401, body: {} }));
    const expired = await failureOf(client.entity(`${INTENTS}/1`, "beta"));
    expect(expired).toMatchObject({ code: "TOKEN_EXPIRED", status: 401, fatal: true });
    const sent = server.requests.length;
    expect((await failureOf(client.get(CONDITIONAL, "v1.0"))).code).toBe("TOKEN_EXPIRED");
    expect(server.requests).toHaveLength(sent);
  });

  test("its roles tell what is granted", async () => {
    server.roles = ["DeviceManagementApps.Read.All"];
    expect(await open().client.roles()).toEqual(["DeviceManagementApps.Read.All"]);
  });

  test.each([
    ["AADSTS7000215", 401, "the client secret is wrong"],
    ["AADSTS7000222", 401, "the client secret has expired"],
    ["AADSTS700016", 400, "does not know this client id"],
    ["AADSTS90002", 400, "no such Entra tenant"],
    ["AADSTS999999", 400, "AADSTS999999"],
  ])("%s is AUTH_CONFIG, asked for once", async (aadsts, status, words) => {
    const description = `${aadsts}: secret a-very-secret-value refused`;
    server.replyToken(() => ({ status, body: { error: "invalid_client", error_description: description } }));
    const { client } = open();
    const error = await failureOf(client.get(INTENTS, "beta"));
    expect(error).toMatchObject({ code: "AUTH_CONFIG", aadsts, message: expect.stringContaining(words) });
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain(
      "very-secret",
    );
    expect((await failureOf(client.get(CONDITIONAL, "v1.0"))).code).toBe("AUTH_CONFIG");
    expect([server.tokens, server.requests.length]).toEqual([1, 0]);
  });

  test.each([
    [503, "GRAPH_UNAVAILABLE", 6],
    [429, "GRAPH_THROTTLE", 13],
  ])("sign-in answered with %i is %s after %i attempts", async (status, code, attempts) => {
    server.replyToken(() => ({ status, body: {} }));
    expect((await failureOf(open().client.roles())).code).toBe(code);
    expect(server.tokens).toBe(attempts);
  });

  test.each([
    ["hang", "hang" as const, 3],
    ["cut", "cut" as const, 6],
    ["no JSON", { text: "<html>" }, 6],
    ["an error with 200", { body: { error: "x", error_description: "y" } }, 6],
  ])("sign-in with %s is GRAPH_UNAVAILABLE", async (_, reply, attempts) => {
    server.replyToken(() => reply);
    expect((await failureOf(open({ requestTimeoutMs: 300 }).client.roles())).code).toBe("GRAPH_UNAVAILABLE");
    expect(server.tokens).toBe(attempts);
  });

  test("a sign-in service that is not there is GRAPH_UNAVAILABLE", async () => {
    const connection = { ...server.connection, loginUrl: "https://localhost:9" };
    const client = createGraphClient(connection, {
      signal: new AbortController().signal,
      tuning: testTuning(),
    });
    expect((await failureOf(client.roles())).code).toBe("GRAPH_UNAVAILABLE");
  });

  test("a certificate signs in without a secret", async () => {
    const pem = await generate([{ name: "commonName", value: "app" }], { keyType: "rsa" });
    const credential = { kind: "certificate" as const, pem: `${pem.private}\n${pem.cert}` };
    const connection = { ...server.connection, credential };
    const client = createGraphClient(connection, {
      signal: new AbortController().signal,
      tuning: testTuning(),
    });
    expect(await client.roles()).toEqual(server.roles);
    expect(server.tokenRequests[0]).toContain("client_assertion=");
    expect(server.tokenRequests[0]).not.toContain("client_secret");
  });

  test("a certificate that cannot be read is AUTH_CONFIG", async () => {
    const credential = { kind: "certificate" as const, pem: "no certificate" };
    const connection = { ...server.connection, credential };
    const client = createGraphClient(connection, {
      signal: new AbortController().signal,
      tuning: testTuning(),
    });
    expect((await failureOf(client.roles())).code).toBe("AUTH_CONFIG");
  });
});

describe("abort ends", () => {
  const reason = new Error("canceled by a person");
  let controller: AbortController;
  beforeEach(() => {
    controller = new AbortController();
  });

  function abortThen(reply: Reply): Reply {
    setImmediate(() => controller.abort(reason));
    return reply;
  }

  test.each(["single", "batch"])("a hanging %s request", async (kind) => {
    const { client } = open({ requestTimeoutMs: 60_000 }, controller.signal);
    server.reply(() => "hang");
    server.replyBatch(() => {
      controller.abort(reason);
      return "hang";
    });
    const call = kind === "single" ? client.get(INTENTS, "beta") : client.entity(`${INTENTS}/1`, "beta");
    if (kind === "single") server.reply(() => abortThen("hang"));
    await expect(call).rejects.toBe(reason);
  });

  test("a hanging sign-in", async () => {
    server.replyToken(() => abortThen("hang"));
    await expect(open({ requestTimeoutMs: 60_000 }, controller.signal).client.roles()).rejects.toBe(reason);
  });

  test("the waits of a throttled family", async () => {
    const clock = { now: () => performance.now(), sleep: neverEnding };
    server.reply(() => abortThen({ status: 429, headers: { "retry-after": "60" } }));
    const { limiters: _, ...tuning } = testTuning();
    const client = createGraphClient(server.connection, {
      signal: controller.signal,
      tuning: { ...tuning, clock, limiters: new LimiterRegistry(clock) },
    });
    await expect(client.get(INTENTS, "beta")).rejects.toBe(reason);
  });
});

function neverEnding(_: number, signal?: AbortSignal): Promise<void> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

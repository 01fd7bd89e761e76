import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { disconnect } from "#lib/db/client";
import { AppError } from "#lib/errors";
import { stopProducer } from "#lib/jobs/boss";
import { getRun } from "#lib/runs/get";
import { startRun } from "#lib/runs/start";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorkers } from "#lib/testing/workers";
import { until, withWorld } from "#lib/testing/world";
import { endTracing, traced } from "./tracing.ts";
import { traceIfAsked } from "./tracing-if-asked.ts";

interface SentSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  status: { code?: number };
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}
interface Sent {
  resourceSpans: {
    resource: SentSpan;
    scopeSpans: { spans: SentSpan[] }[];
  }[];
}

const world = withWorld({ policies: 3 });
const workers = withWorkers(world);
const received: Sent[] = [];
const paths = new Set<string | undefined>();
let receiver: Server;

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    paths.add(request.url);
    received.push((await json(request)) as Sent);
    response.setHeader("Content-Type", "application/json").end("{}");
  });
  receiver.listen(0, "127.0.0.1");
  await once(receiver, "listening");
});
afterAll(async () => {
  await endTracing();
  receiver.close();
});

const spans = () =>
  received.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
  );
const attribute = (span: SentSpan, key: string) =>
  span.attributes.find((each) => each.key === key)?.value.stringValue;

test("one trace leads from Run now through the job to the worker's run, Graph and SQL, without values", async () => {
  const OTEL_EXPORTER_OTLP_ENDPOINT = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = OTEL_EXPORTER_OTLP_ENDPOINT;
  const { id, actors } = world.tenant;
  const { id: schedule_id } = await makeSchedule(actors.manager, id, { name: "Secret plans" });
  await traceIfAsked("web");
  // Made before, they would not know.
  await disconnect();
  await stopProducer();
  const click = {
    kind: "server",
    headers: { traceparent: `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01` },
  } as const;
  const started = await traced("POST action", click, () => startRun(actors.operator, id, { schedule_id }));
  const worker = await workers.start({ OTEL_EXPORTER_OTLP_ENDPOINT });
  await until("the run has ended", async () => {
    const run = await getRun(actors.readonly, id, { run_id: started.id });
    return run.status === "success";
  });
  await expect(getRun(actors.readonly, id, { run_id: 999_999 })).rejects.toThrow(AppError);
  await workers.kill(worker, "SIGTERM");
  await endTracing();

  expect([...paths]).toEqual(["/v1/traces"]);
  const services = received.flatMap((sent) =>
    sent.resourceSpans.map(({ resource }) => attribute(resource, "service.name")),
  );
  expect(new Set(services)).toEqual(new Set(["tenantpilot-web", "tenantpilot-worker"]));
  const ofClick = spans().filter(({ traceId }) => traceId === "ab".repeat(16));
  const named = (name: string) => {
    const found = ofClick.find((span) => span.name === name);
    if (!found) throw new Error(`no span ${name} among ${[...new Set(ofClick.map((span) => span.name))]}`);
    return found;
  };
  const byId = new Map(ofClick.map((span) => [span.spanId, span]));
  const lineage = (span: SentSpan): string[] => {
    const parent = byId.get(span.parentSpanId ?? "");
    return [span.name, ...(parent ? lineage(parent) : [])];
  };
  const fromClick = ["transaction app", "operation run.start", "POST action"];
  expect(lineage(named("graph GET"))).toEqual([
    "graph GET",
    "process execute-run",
    "insert execute-run",
    ...fromClick,
  ]);
  expect(named("POST action").parentSpanId).toBe("cd".repeat(8));
  const finish = ofClick.filter((span) => lineage(span).includes("operation run.finish"));
  expect(finish.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["transaction app", "sql UPDATE", "sql INSERT"]),
  );
  const refused = spans().find(
    (span) => span.name === "operation run.get" && attribute(span, "error.type") === "NOT_FOUND",
  );
  expect(refused?.status.code ?? 0).toBe(0);
  const told = JSON.stringify(received);
  expect(told).toContain("backup_schedule_runs");
  for (const value of ["Secret plans", "Bearer", "eyJ", "Tenant 1"]) expect(told).not.toContain(value);
});

test("nothing of it is loaded while nobody receives traces", () => {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = new Set();
    registerHooks({
      load(url, context, next) {
        const name = /node_modules\\/(@opentelemetry\\/[^/]+)/.exec(url)?.[1];
        if (name) loaded.add(name);
        return next(url, context);
      },
    });
    const { traceIfAsked } = await import("#lib/tracing-if-asked");
    await traceIfAsked("worker");
    await import("#lib/operation");
    await import("#lib/graph/client");
    console.log(JSON.stringify([...loaded].sort()));`;
  const loadedWith = (endpoint: string) => {
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
      env: { ...process.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    });
    return JSON.parse(stdout || stderr);
  };
  // The interface, which does nothing by itself, is pg-boss' own.
  expect(loadedWith("")).toEqual(["@opentelemetry/api"]);
  expect(loadedWith("http://127.0.0.1:1")).toContain("@opentelemetry/sdk-trace");
});

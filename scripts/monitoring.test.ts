import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { runTriggers } from "#lib/capture/summary";
import { throttleFamilies } from "#lib/graph/families";
import { renderService } from "#lib/health/service-metrics";
import { jobs } from "#lib/jobs/jobs";
import {
  observeGraphRequest,
  observeGraphWait,
  observeRequest,
  observeRunEnd,
  observeRunStart,
  observeTick,
  processMetrics,
  watchPool,
} from "#lib/metrics";
import { runErrors } from "#lib/run-error-codes";
import { runStatuses } from "#lib/runs/schema";
import { parsePromql } from "./testing/promql.ts";

const read = (file: string) => readFileSync(new URL(`../docs/monitoring/${file}`, import.meta.url), "utf8");

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary?: string };
}
const rules: Rule[] = parse(read("alerts.yaml")).groups.flatMap(({ rules }: { rules: Rule[] }) => rules);

interface Panel {
  title: string;
  type: string;
  targets?: { expr: string; legendFormat: string }[];
}
const panels: Panel[] = JSON.parse(read("dashboard.json")).panels;
const drawn = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr, legendFormat }) => ({ title, legend: legendFormat, expr: inGrafana(expr) })),
);

/** What Grafana puts in before it asks. */
function inGrafana(expression: string): string {
  return expression.replaceAll("$__rate_interval", "5m");
}

/** The names of the series that a process or web tells, and their labels. */
async function exported(): Promise<{ web: Map<string, Set<string>>; both: Map<string, Set<string>> }> {
  observeRequest({ method: "GET", route: "page /tenants", status: 200 }, 0.1);
  observeGraphRequest("intune", 200, 0.1);
  observeGraphWait("intune", "budget", 0.1);
  observeRunEnd({ status: "success", error_code: null }, 1);
  observeRunStart("schedule", 1);
  observeTick("ok");
  watchPool(() => ({ in_use: 1, idle: 1, waiting: 0, size: 10 }));
  const service = await renderService({
    runs: { success: 1 },
    waiting: 0,
    active: 0,
    due: 0,
    late_seconds: 0,
    enabled: 1,
    queues: { "execute-run": { created: 1 } },
    tenants: [{ tenant_id: 1, last_success_age_seconds: 1, overdue: 0 }],
    oldest_success_age_seconds: 1,
    overdue: 0,
    oldest_job_seconds: { "execute-run": 1 },
    last_dispatch_age_seconds: 1,
    table_bytes: { snapshots: 1 },
    workers: 1,
  });
  return { web: seriesOf(service), both: seriesOf(await processMetrics()) };
}

function seriesOf(text: string): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const [, name = "", labels = ""] of text.matchAll(/^([a-z]\w*)(?:\{(.*)\})? \S+$/gm)) {
    const known = found.get(name) ?? new Set();
    for (const [, label = ""] of labels.matchAll(/(\w+)="/g)) known.add(label);
    found.set(name, known);
  }
  return found;
}

const { web, both } = await exported();
/** What Prometheus adds itself. */
const scraped = ["job", "instance"];
const all = new Map([...both, ...web, ["up", new Set<string>()] as const]);

/** Which values a label may have, where they are known. */
const values: Record<string, readonly string[]> = {
  status: runStatuses,
  error_code: [...Object.keys(runErrors), "none"],
  trigger: runTriggers,
  family: throttleFamilies,
  queue: jobs.map(({ name }) => name),
  state: ["in_use", "idle"],
  reason: ["budget", "refused"],
  result: ["ok", "failed"],
};

describe.each([
  ["alerts.yaml", rules.map(({ alert, expr }) => ({ title: alert, expr }))],
  ["dashboard.json", drawn],
])("%s", (_file, expressions) => {
  test.each(expressions)("$title asks for what there is: $expr", ({ expr }) => {
    const { selectors, groupings } = parsePromql(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, matchers } of selectors) {
      expect([...all.keys()], expr).toContain(metric);
      for (const { label, operator, value } of matchers) {
        expect([...(all.get(metric) ?? []), ...scraped], `${metric}{${label}}`).toContain(label);
        // HTTP has statuses, too; a route is what a pattern says.
        const known = metric.startsWith("tenantpilot_runs") || label !== "status" ? values[label] : undefined;
        if (!known) continue;
        const wanted = operator.endsWith("~") ? value.split("|") : [value];
        expect(known, `${metric}{${label}}`).toEqual(expect.arrayContaining(wanted));
      }
    }
    for (const { labels, of } of groupings)
      for (const { metric } of of)
        expect([...(all.get(metric) ?? []), ...scraped], metric).toEqual(expect.arrayContaining(labels));
  });
});

test("what an alert and a panel say in words names labels that their expression leaves", () => {
  for (const { alert, expr, annotations } of rules) {
    const { groupings, selectors } = parsePromql(expr);
    const left = groupings.length > 0 ? groupings.flatMap(({ labels }) => labels) : [...scraped];
    expect(selectors.length, alert).toBeGreaterThan(0);
    for (const [, label] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g))
      expect(left, alert).toContain(label);
  }
  for (const { title, legend, expr } of drawn)
    for (const [, label] of legend.matchAll(/\{\{(\w+)\}\}/g))
      expect(
        parsePromql(expr).groupings.flatMap(({ labels }) => labels),
        title,
      ).toContain(label);
});

test("alerts and panels have names of their own, and something to say", () => {
  for (const names of [rules.map(({ alert }) => alert), panels.map(({ title }) => title)])
    expect(new Set(names).size).toBe(names.length);
  for (const { alert, annotations } of rules) expect(annotations.summary, alert).toBeTruthy();
});

test("the page lists every metric of ours, where it is and its labels", () => {
  const rows = new Map(
    [...read("README.md").matchAll(/^\| `([a-z]\w+)` \| (.+?) \| (.+?) \|/gm)].map(
      ([, name = "", where, labels = ""]) => [name, { where, labels: labels.replaceAll(/[`\s]/g, "") }],
    ),
  );
  const told = (series: Map<string, Set<string>>, where: string) =>
    [...series]
      .filter(([name]) => /^(tenantpilot|http)_/.test(name) && !/_(bucket|sum)$/.test(name))
      .map(([name, labels]) => [
        name.replace(/_count$/, ""),
        { where, labels: [...labels].join(",") || "–" },
      ]);
  const onlyWeb = told(web, "web");
  const processes = told(both, "each").map(([name, row]) => [
    name,
    String(name).startsWith("http_") ? { ...Object(row), where: "web" } : row,
  ]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries([...onlyWeb, ...processes]));
});

test.each([
  "sum(rate(up[5m])",
  "rate(up)",
  "sum(up[5m])",
  'up{job~"x"}',
  "up up",
  "no_such_function(up)",
  "histogram_quantile(0.9, up[5m])",
  "up{job='single'}",
])("%s is no expression", (expression) => {
  expect(() => parsePromql(expression)).toThrow(expression);
});

import { expect, test } from "vitest";
import { alertsActor } from "#lib/access/actor";
import { createAlertTarget } from "#lib/delivery/targets";
import { lookedAfter } from "#lib/testing/looked-after";
import { raise } from "#lib/testing/raise";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { listIncidents } from "./incidents.ts";
import { takes } from "./match.ts";
import type { Alert } from "./raise.ts";
import { repeatAlerts } from "./repeat.ts";
import { createAlertRule } from "./rules.ts";

const world = withWorld({ policies: 1 });

test("what lasts is told again by the rules that would take it, and by no other", async () => {
  const { id, actors } = world.tenant;
  const { id: own } = await makeSchedule(actors.manager, id);
  const { id: other } = await makeSchedule(actors.manager, id);
  const told = { tenant_id: id, title: "Wrong", body: "", link: null };
  const alerts: Alert[] = [
    { ...told, kind: "run.failed", cause: "a", schedule_id: own, policy_types: ["namedLocation"] },
    { ...told, kind: "run.partial", cause: "b", schedule_id: other, policy_types: ["deviceCategory"] },
    { ...told, kind: "set.damaged", cause: "c" },
    { ...told, kind: "verification.overdue", cause: "d" },
  ];
  await raise(...alerts);
  const says: Omit<Parameters<typeof createAlertRule>[2], "target_id">[] = [
    {},
    { least_severity: "info" },
    { least_severity: "critical" },
    { kinds: ["run.failed", "verification.overdue"] },
    { kinds: ["drift.found"] },
    { schedule_ids: [own] },
    { schedule_ids: [own, other], least_severity: "critical" },
    { policy_types: ["deviceCategory", "namedLocation"] },
    { policy_types: ["deviceConfiguration"] },
    { kinds: ["run.partial"], schedule_ids: [other], policy_types: ["deviceCategory"] },
  ];
  const rules: Awaited<ReturnType<typeof createAlertRule>>[] = [];
  for (const [n, say] of says.entries()) {
    const target = { kind: "webhook" as const, name: `Hook ${n}`, url: "https://hooks.example.com/alerts" };
    const { id: target_id } = await createAlertTarget(actors.manager, id, { target });
    rules.push(await createAlertRule(actors.manager, id, { ...say, target_id, repeat_hours: 4 }));
  }
  // As if each target had been told of everything, by rules that there were then.
  await world.admin.query(
    `INSERT INTO alert_events (tenant_id, incident_id, kind, severity, title, body, only_target_id, created_at, routed_at)
     SELECT i.tenant_id, i.id, i.kind, i.severity, i.title, '', r.target_id, now() - interval '5 hours', now()
     FROM incidents i JOIN alert_rules r USING (tenant_id) WHERE r.repeat_hours IS NOT NULL`,
  );
  const { items: incidents } = await listIncidents(actors.readonly, id, {});
  const expected = incidents.flatMap((incident) =>
    rules
      .filter((rule) => takes(rule, { ...incident, began_as: null }))
      .map(({ target_id }) => `${incident.cause} ${target_id}`),
  );
  expect(expected.length).toBeGreaterThan(rules.length);
  expect(await lookedAfter("repeats", () => repeatAlerts(alertsActor, {}))).toBe(expected.length);
  const { rows } = await world.admin.query(
    `SELECT i.cause || ' ' || e.only_target_id AS told
     FROM alert_events e JOIN incidents i ON i.id = e.incident_id WHERE e.title LIKE 'Still: %'`,
  );
  expect(rows.map((row) => row.told).toSorted()).toEqual(expected.toSorted());
});

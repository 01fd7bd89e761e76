// `npm run bench -- drift [--items 10000]`: what a comparison of a set with the tenant's baseline takes, when 1 in 100 policies
// differs: with a baseline of its own, and with another tenant's. Takes a minute.
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import pg from "pg";
import { disconnect } from "#lib/db/client";
import { compareDrift } from "#lib/drift/compare-drift";
import { getDriftSummary } from "#lib/drift/list";
import { setBaseline } from "#lib/drift/set-baseline";
import { stopProducer } from "#lib/jobs/boss";
import { makeSchedule } from "#lib/testing/schedules";
import { behindTheGuards, insertSets } from "#lib/testing/sets";
import { makeTestTenants, sandboxTwins, testTenants } from "#lib/testing/tenants";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { FigurePrinter } from "./support/figures.ts";

const { values } = parseArgs({ options: { items: { type: "string", default: "10000" } } });
const items = Number(values.items);

const database = await ownDatabase();
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
admin.on("error", () => {});
process.env.DATABASE_URL = database.url;
process.env.TENANTPILOT_ENCRYPTION_KEY ??= randomBytes(32).toString("base64");
process.env.GRAPH_SANDBOX_URL = "https://localhost";
process.env.GRAPH_SANDBOX_LOGIN_URL = "https://localhost";
const printer = new FigurePrinter();
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1_000;
};
try {
  await makeTestTenants(admin);
  const [own, other] = await testTenants(admin, sandboxTwins(0));
  if (!own || !other) throw new Error("two tenants were asked for");
  const { manager } = own.actors;
  const setsOf = async ({ id, actors }: typeof own, sets: number) => {
    const schedule = await makeSchedule(actors.manager, id, { policy_types: ["deviceConfiguration"] });
    const made = Array.from({ length: sets }, (_, n) => ({ created_at: new Date(Date.now() + n * 60_000) }));
    return insertSets(admin, {
      tenantId: id,
      scheduleId: schedule.id,
      sets: made,
      items,
      changed: items / 100,
    });
  };
  const [base = 0, first = 0, second = 0] = await setsOf(own, 3);
  const [theirs = 0] = await setsOf(other, 1);
  await admin.query("INSERT INTO memberships (tenant_id, user_id, role) VALUES ($1, $2, 'manager')", [
    other.id,
    manager.user_id,
  ]);
  // The policies of both tenants meet by their names, and each of them says something else.
  await behindTheGuards(
    admin,
    "UPDATE item_ranges SET display_name = regexp_replace(display_name, '^policy-[0-9]+-', 'Policy ')",
  );
  await admin.query("ANALYZE");
  const chosen = await timed(() => setBaseline(manager, own.id, { set_id: base }));
  await compareDrift(own.id, first);
  const seconds = await timed(() => compareDrift(own.id, second));
  const { new: found } = await getDriftSummary(manager, own.id, {});
  printer.print({
    figure: `${items} items against the tenant's own baseline`,
    value: seconds,
    unit: "s",
    bound: { at: "most", value: 1 },
    how: `${found} differences; the choice of the baseline took ${chosen.toFixed(1)} s`,
  });
  await setBaseline(manager, own.id, { set_id: theirs, source_tenant_id: other.id });
  const learning = await timed(() => compareDrift(own.id, first));
  const again = await timed(() => compareDrift(own.id, second));
  const { new: across } = await getDriftSummary(manager, own.id, {});
  printer.print({
    figure: `${items} items against another tenant's baseline`,
    value: again,
    unit: "s",
    bound: null,
    how: `${across} differences, as many as there can be; the first time, with every document still to be read, ${learning.toFixed(1)} s`,
  });
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await database.drop();
}
process.exitCode = printer.missed > 0 ? 1 : 0;

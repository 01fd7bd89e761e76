// `npm run bench -- web-memory [--minutes 20] [--clients 6] [--schedules 1000] [--runs 20000]`: the memory of a web process while
// clients load its pages as fast as it answers, minute by minute.
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import { disconnect } from "#lib/db/client";
import { stopProducer } from "#lib/jobs/boss";
import { webDefaults } from "#lib/limits";
import { provisionTenant } from "#lib/members/provision-tenant";
import { build } from "../scripts/build.ts";
import { ownDatabase } from "../scripts/testing/own-database.ts";
import { launchChromium, openSession } from "./support/chromium.ts";
import { FigurePrinter } from "./support/figures.ts";
import { fillTenant } from "./support/large-tenant.ts";
import { residentMemoryOf } from "./support/process-memory.ts";
import { startWeb } from "./support/web-process.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "20" },
    clients: { type: "string", default: "6" },
    schedules: { type: "string", default: "1000" },
    runs: { type: "string", default: "20000" },
  },
});
const minutes = Number(values.minutes);
const heapMegabytes = Number(process.env.WEB_MAX_HEAP_MB ?? webDefaults.maxHeapMegabytes);
/** What a process takes beside the objects of its heap: code, buffers, threads, the young generation. */
const besideMegabytes = 350;

const paths = [
  "",
  "/backup-schedules",
  "/backup-schedules?page=7",
  "/runs",
  "/runs?status=failed",
  "/backup-sets",
  "/audit-log",
];

const printer = new FigurePrinter();
const database = await ownDatabase({ fsync: "off" });
process.env.DATABASE_URL = database.url;
const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
admin.on("error", () => {});
try {
  const owner = {
    name: "Owner",
    email: "owner@bench.example",
    role: "owner" as const,
    password: randomBytes(16).toString("hex"),
  };
  const { tenant_id: tenantId } = await provisionTenant("Bench", [owner]);
  const { rows } = await admin.query<{ id: number }>("SELECT id FROM users");
  await fillTenant(admin, {
    tenantId,
    userId: rows[0]?.id ?? 0,
    schedules: Number(values.schedules),
    runs: Number(values.runs),
  });
  await admin.query("VACUUM ANALYZE");
  if (await build()) console.log("Built the web application.");
  const web = await startWeb(database.webUrl);
  try {
    const browser = await launchChromium();
    const { cookie } = await openSession(browser, web.url, owner);
    await browser.close();
    const megabytes = async () => (await residentMemoryOf(web.pid)) / 1e6;
    console.log(
      `WEB_MAX_HEAP_MB=${heapMegabytes}, ${values.clients} clients. Before: ${(await megabytes()).toFixed(0)} MB.`,
    );
    let over = false;
    let pages = 0;
    const clients = Array.from({ length: Number(values.clients) }, async (_, client) => {
      for (let n = client; !over; n += 1) {
        const response = await fetch(`${web.url}/tenants/${tenantId}${paths[n % paths.length]}`, {
          headers: { cookie },
        });
        await response.arrayBuffer();
        if (response.status !== 200) throw new Error(`A page answered ${response.status}.`);
        pages += 1;
      }
    });
    const resident: number[] = [];
    for (let minute = 1; minute <= minutes; minute += 1) {
      await Promise.race([delay(60_000), Promise.all(clients)]);
      resident.push(await megabytes());
      console.log(`  after ${minute} min: ${resident.at(-1)?.toFixed(0)} MB, ${pages} pages`);
    }
    over = true;
    await Promise.all(clients);
    printer.print({
      figure: "most resident memory of web at the end of a minute",
      value: Math.max(...resident),
      unit: "MB",
      bound: { at: "most", value: (heapMegabytes * 1_048_576) / 1e6 + besideMegabytes },
      how: `${pages} pages in ${minutes} minutes; by minute: ${resident.map((each) => each.toFixed(0)).join(", ")}`,
    });
  } finally {
    await web.stop();
  }
} finally {
  await stopProducer();
  await disconnect();
  await admin.end();
  await database.drop();
}
process.exit(printer.missed > 0 ? 1 : 0);

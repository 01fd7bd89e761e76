import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { withWorld } from "#lib/testing/world";
import { jobs } from "./jobs.ts";

const world = withWorld({ policies: 1 });

test("every job that a file of this folder defines is in the list", () => {
  const folder = fileURLToPath(new URL(".", import.meta.url));
  const defined = readdirSync(folder).flatMap((file) => {
    const text = readFileSync(`${folder}${file}`, "utf8");
    return /= defineJob\(\{\s+name: "([a-z-]+)"/.exec(text)?.[1] ?? [];
  });
  expect(defined.length).toBeGreaterThan(0);
  expect(jobs.map(({ name }) => name).toSorted()).toEqual(defined.toSorted());
});

test("the database has a queue for each job, and a schedule for those that come by themselves", async () => {
  const { rows: queues } = await world.admin.query(
    "SELECT name FROM pgboss.queue WHERE name NOT LIKE '\\_\\_%' ORDER BY name",
  );
  expect(queues.map(({ name }) => name)).toEqual(jobs.map(({ name }) => name).toSorted());
  const { rows: schedules } = await world.admin.query("SELECT name, cron FROM pgboss.schedule ORDER BY name");
  expect(schedules).toEqual([
    { name: "dispatch", cron: "* * * * *" },
    { name: "index-all-contents", cron: "23 * * * *" },
    { name: "sweep-retention", cron: "17 3 * * *" },
    { name: "verify-sets", cron: "41 4 * * 0" },
    { name: "watch-audit", cron: "*/15 * * * *" },
  ]);
});

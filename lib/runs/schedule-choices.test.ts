import { expect, test } from "vitest";
import { deleteSchedule } from "#lib/schedules/delete";
import { makeSchedule } from "#lib/testing/schedules";
import { withWorld } from "#lib/testing/world";
import { scheduleChoices } from "./schedule-choices.ts";

const world = withWorld({ policies: 1 });

test("some are offered by name, and all that are asked for by id are named, deleted ones too", async () => {
  const { id, actors } = world.tenant;
  const { id: last } = await makeSchedule(actors.manager, id, { name: "Zulu" });
  const { rows } = await world.admin.query<{ columns: string }>(
    `SELECT string_agg(quote_ident(column_name), ', ') AS columns FROM information_schema.columns
     WHERE table_name = 'backup_schedules' AND column_name NOT IN ('id', 'name') AND is_generated = 'NEVER'`,
  );
  const columns = rows[0]?.columns ?? "";
  await world.admin.query(
    `INSERT INTO backup_schedules (name, ${columns})
     SELECT 'Alpha ' || n, ${columns} FROM backup_schedules, generate_series(1, 40) n WHERE id = $1`,
    [last],
  );
  await deleteSchedule(actors.manager, id, { schedule_id: last });
  const first = await scheduleChoices(actors.manager, id, {});
  expect(first).toHaveLength(30);
  expect(first.some((each) => each.id === last)).toBe(false);
  const { rows: all } = await world.admin.query<{ id: number }>("SELECT id FROM backup_schedules");
  const named = await scheduleChoices(actors.manager, id, { ids: all.map((row) => row.id) });
  expect(named.length).toBeGreaterThan(40);
  expect(named).toContainEqual({ id: last, name: "Zulu", is_deleted: true });
  expect(await scheduleChoices(actors.manager, id, { ids: [last], search: "alp" })).toEqual([]);
  expect(await scheduleChoices(actors.manager, id, { ids: [] })).toEqual([]);
});

import pg from "pg";
import { expect, test } from "vitest";
import { testDatabase } from "#lib/testing/database";
import { beforeConversion, convertItems } from "./convert-items.ts";
import { migrate } from "./migrate.ts";
import { oldBackups, schedules, sets } from "./old-backups.fixture.ts";
import { migrationNames } from "./schema-engine.ts";

/** Backups of versions before the migration "item_ranges" are converted, wherever that is interrupted. */

test("every set holds the same afterwards, whatever interrupts it; what was damaged stays so", async () => {
  const database = await testDatabase({ empty: true });
  const admin = new pg.Client({ connectionString: database.adminUrl });
  admin.on("error", () => {});
  await admin.connect();
  try {
    const names = await migrationNames();
    await migrate(database.ownerUrl, { through: names[names.indexOf(beforeConversion) - 1] ?? "" });
    await admin.query(oldBackups);
    // One item's record, and one set's content, are not what they were when they were written.
    await admin.query(`
      BEGIN; SET LOCAL session_replication_role = replica;
      UPDATE backup_items SET display_name = 'Damaged' WHERE graph_id = '1' AND backup_set_id = ${schedules + 1};
      DELETE FROM backup_items WHERE graph_id = '2' AND backup_set_id = ${2 * schedules + 1};
      COMMIT`);
    const held = async () =>
      (
        await admin.query(
          `SELECT backup_set_id, kind, policy_type, graph_id, display_name, sha256, volatile, children, notes
           FROM backup_items ORDER BY backup_set_id, graph_id`,
        )
      ).rows;
    const ids = async () =>
      (
        await admin.query(
          "SELECT id FROM backup_items WHERE backup_set_id > $1 ORDER BY backup_set_id, graph_id",
          [sets * schedules],
        )
      ).rows;
    const [before, newest] = [await held(), await ids()];
    expect(before.length).toBeGreaterThan(600);

    // Its connection is cut in the middle of the second schedule: the first is converted, the others wait, all can be read.
    await migrate(database.ownerUrl, { through: beforeConversion });
    await admin.query(`
      CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
      BEGIN
        IF (SELECT count(DISTINCT backup_schedule_id) FROM item_ranges) = 2 AND NEW.from_set_id > ${3 * schedules} THEN
          PERFORM pg_terminate_backend(pg_backend_pid());
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER cut BEFORE INSERT ON item_ranges FOR EACH ROW EXECUTE FUNCTION cut()`);
    await expect(convertItems(database.ownerUrl)).rejects.toThrow();
    await admin.query("DROP TRIGGER cut ON item_ranges");
    const waiting = "SELECT count(*)::int AS rows FROM unconverted_items";
    expect((await admin.query(waiting)).rows[0].rows).toBeLessThan(before.length);
    expect((await admin.query(waiting)).rows[0].rows).toBeGreaterThan(0);
    expect(await held()).toEqual(before);

    // A schedule whose sets would not be the same is left as it is, and the migrations stop there.
    await admin.query(`
      CREATE FUNCTION falsify() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN NEW.display_name := 'Other'; RETURN NEW; END $$;
      CREATE TRIGGER falsify BEFORE INSERT ON item_ranges FOR EACH ROW EXECUTE FUNCTION falsify()`);
    const rest = { through: names.at(-1) ?? "" };
    await expect(migrate(database.ownerUrl, rest)).rejects.toThrow(
      /^Set \d+ of "Nightly \d" would not hold the same/,
    );
    await admin.query("DROP TRIGGER falsify ON item_ranges");
    expect(await held()).toEqual(before);

    const lines: string[] = [];
    expect(await migrate(database.ownerUrl, { ...rest, log: (line) => lines.push(line) })).toMatchObject({
      applied: names.slice(names.indexOf(beforeConversion) + 1),
    });
    expect(await held()).toEqual(before);
    expect(lines.filter((line) => line.startsWith("Converted"))).toHaveLength(schedules - 1);
    // Links into the newest sets lead where they led.
    expect(await ids()).toEqual(newest);
    const { rows: proof } = await admin.query(`
      SELECT b.id, b.seal = backup_set_seal(b) AS sealed, m.sha256 = b.manifest_sha256 AS matches, m.intact
      FROM backup_sets b, LATERAL (
        SELECT encode(sha256(convert_to(string_agg(policy_type || E'\\t' || graph_id || E'\\t' || sha256, E'\\n'
                 ORDER BY graph_id COLLATE "C"), 'UTF8')), 'hex') AS sha256,
               bool_and(r.seal = item_range_seal(r) AND r.end_seal IS NOT DISTINCT FROM item_range_end_seal(r)) AS intact
        FROM item_ranges r WHERE r.backup_schedule_id = b.backup_schedule_id AND r.from_set_id <= b.id AND r.until_set_id > b.id) m
      ORDER BY b.id`);
    expect(proof).toHaveLength(schedules * sets);
    expect(proof.every((set) => set.sealed)).toBe(true);
    expect(proof.filter((set) => !set.matches).map((set) => set.id)).toEqual([2 * schedules + 1]);
    expect(proof.filter((set) => !set.intact).map((set) => set.id)).toEqual([schedules + 1]);
    const { rows: ranges } = await admin.query("SELECT count(*)::int AS rows FROM item_ranges");
    expect(ranges[0].rows).toBeLessThan(before.length / 2);
  } finally {
    await admin.end();
    await database.drop();
  }
});

import pg from "pg";

/** The migration after which old items wait, and before which they have to be converted. */
export const beforeConversion = "20261129162000_item_ranges";

/**
 * Turns the items of each set, as versions before the migration "item_ranges" kept them, into ranges. One schedule is one
 * transaction: it may be interrupted anywhere and begun again, and at any time every set reads as it always did. A schedule is
 * proven before its old rows go: each of its sets holds what it held, and its manifest has the hash that it had.
 *
 * What was damaged before stays damaged, and verification finds it: nothing is sealed anew whose seal did not fit, and
 * a set whose items do not match its hash keeps both.
 * @param ownerUrl the owner of the tables
 * @returns how many schedules were converted now
 * @throws Error that names the first set whose items would not be the same; its schedule is left as it was
 */
export async function convertItems(
  ownerUrl: string,
  { log = () => {} }: { log?: ((line: string) => void) | undefined } = {},
): Promise<number> {
  const client = new pg.Client({ connectionString: ownerUrl });
  client.on("error", () => {});
  await client.connect();
  try {
    const { rows: waiting } = await client.query(
      "SELECT to_regclass('unconverted_items') IS NOT NULL AS left",
    );
    if (!waiting[0]?.left) return 0;
    let converted = 0;
    const { rows: tenants } = await client.query<{ id: number }>(
      "SELECT DISTINCT tenant_id AS id FROM unconverted_items ORDER BY 1",
    );
    for (const tenant of tenants) {
      for (let found = true; found; ) {
        found = await inTransaction(client, tenant.id, () => convertSchedule(client, log));
        if (found) converted += 1;
      }
    }
    return converted;
  } finally {
    await client.end();
  }
}

async function inTransaction<T>(client: pg.Client, tenantId: number, work: () => Promise<T>): Promise<T> {
  await client.query("BEGIN");
  try {
    await client.query(
      "SELECT set_config('app.tenant_id', $1, true), set_config('role', 'tenantpilot_app', true)",
      [String(tenantId)],
    );
    const result = await work();
    await client.query("COMMIT");
    return result;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  }
}

/** @returns false when the tenant has no schedule left to convert */
async function convertSchedule(client: pg.Client, log: (line: string) => void): Promise<boolean> {
  const { rows: found } = await client.query<{ id: number; name: string }>(`
    SELECT s.id, s.name FROM unconverted_items u JOIN backup_sets b ON b.id = u.backup_set_id
    JOIN backup_schedules s ON s.id = b.backup_schedule_id LIMIT 1`);
  const [schedule] = found;
  if (!schedule) {
    // Without its set nobody could ever read an item.
    await client.query("SET LOCAL ROLE NONE");
    await client.query("DELETE FROM unconverted_items WHERE tenant_id = app_tenant_id()");
    return false;
  }
  const { rows: sets } = await client.query<{ id: number }>(
    "SELECT id FROM backup_sets WHERE backup_schedule_id = $1 ORDER BY id",
    [schedule.id],
  );
  await client.query(insertRanges, [schedule.id]);
  const { rows: proven } = await client.query<Proof>(proveSets, [schedule.id]);
  const wrong = proven.find((set) => !set.is_same);
  if (wrong) {
    throw new Error(
      `Set ${wrong.id} of "${schedule.name}" would not hold the same items after its conversion. Nothing of the schedule was ` +
        "changed. Keep the database as it is, and report this.",
    );
  }
  for (const set of proven) {
    if (!set.matches) log(`Set ${set.id} was damaged before its conversion, and is as it was: verify it.`);
  }
  await client.query("SET LOCAL ROLE NONE");
  const { rowCount } = await client.query("DELETE FROM unconverted_items WHERE backup_set_id = ANY ($1)", [
    sets.map((set) => set.id),
  ]);
  log(`Converted ${rowCount} items in ${sets.length} sets of the schedule ${schedule.id}.`);
  return true;
}

interface Proof {
  id: number;
  /** The ranges say exactly what the rows said, in every column. */
  is_same: boolean;
  /** The hash and the count are those that the set was written with. */
  matches: boolean;
}

/**
 * A range begins where the set before does not have the policy, or has it otherwise; its end is the next set of the schedule
 * after the last that has it.
 */
const insertRanges = `
  WITH numbered AS (
    SELECT id, row_number() OVER (ORDER BY id) AS place, lead(id) OVER (ORDER BY id) AS next
    FROM backup_sets WHERE backup_schedule_id = $1
  ), held AS (
    SELECT u.*, n.place, n.next, u.seal IS NOT DISTINCT FROM backup_item_seal(u) AS is_sealed
    FROM numbered n JOIN unconverted_items u ON u.backup_set_id = n.id
  ), marked AS (
    SELECT h.*, lag(place) OVER w IS DISTINCT FROM place - 1
             OR (lag(kind) OVER w, lag(display_name) OVER w, lag(sha256) OVER w, lag(volatile) OVER w, lag(children) OVER w,
                 lag(notes) OVER w, lag(is_sealed) OVER w)
                IS DISTINCT FROM (kind, display_name, sha256, volatile, children, notes, is_sealed) AS begins
    FROM held h WINDOW w AS (PARTITION BY policy_type, graph_id ORDER BY place)
  ), stretched AS (
    SELECT m.*, count(*) FILTER (WHERE begins) OVER (PARTITION BY policy_type, graph_id ORDER BY place) AS stretch FROM marked m
  ), bounded AS (
    SELECT s.*, min(backup_set_id) OVER w AS from_set_id, place = max(place) OVER w AS is_last
    FROM stretched s WINDOW w AS (PARTITION BY policy_type, graph_id, stretch)
  )
  INSERT INTO item_ranges (tenant_id, id, backup_schedule_id, from_set_id, until_set_id, kind, policy_type, graph_id,
                           display_name, sha256, volatile, children, notes, seal)
  SELECT tenant_id, id, $1, from_set_id, coalesce(next, 2147483647), kind, policy_type, graph_id, display_name, sha256, volatile,
         children, notes, CASE WHEN NOT is_sealed THEN '\\x00'::bytea END
  FROM bounded WHERE is_last
  ORDER BY from_set_id, kind, policy_type COLLATE "C", display_name, graph_id`;

const rowsOfSets = (from: string) => `
  SELECT s.id, i.rows, i.manifest, i.everything FROM backup_sets s LEFT JOIN LATERAL (
    SELECT count(*) AS rows,
           encode(sha256(convert_to(coalesce(string_agg(policy_type || E'\\t' || graph_id || E'\\t' || sha256, E'\\n'
             ORDER BY policy_type COLLATE "C", graph_id COLLATE "C"), ''), 'UTF8')), 'hex') AS manifest,
           sum(hashtextextended(jsonb_build_array(kind, policy_type, graph_id, display_name, sha256, volatile, children,
             notes)::text, 0)) AS everything
    FROM ${from}) i ON true WHERE s.backup_schedule_id = $1`;

const proveSets = `
  WITH before AS (${rowsOfSets("unconverted_items WHERE backup_set_id = s.id")}),
       after AS (${rowsOfSets(
         "item_ranges WHERE backup_schedule_id = $1 AND until_set_id > s.id AND from_set_id <= s.id",
       )})
  SELECT s.id, (b.rows, b.manifest, b.everything) IS NOT DISTINCT FROM (a.rows, a.manifest, a.everything) AS is_same,
         a.manifest = s.manifest_sha256 AND a.rows = s.item_count AS matches
  FROM backup_sets s JOIN before b USING (id) JOIN after a USING (id) ORDER BY s.id`;

import type pg from "pg";

/** What holds the rows of the tables: who may, row-level security, triggers, constraints. One line for each. */
const describeGuards = `
  SELECT format('%s %s: row-level security %s, forced %s, %s', c.relkind, c.relname, c.relrowsecurity, c.relforcerowsecurity,
                c.relacl) AS guard
  FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
  UNION ALL
  SELECT format('%s.%s: %s %s', a.attrelid::regclass, a.attname, a.attacl, pg_get_expr(d.adbin, d.adrelid))
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE a.attnum > 0
  UNION ALL SELECT p::text FROM pg_policies p WHERE p.schemaname = 'public'
  UNION ALL
  SELECT format('%s: %s (%s)', t.tgrelid::regclass, pg_get_triggerdef(t.oid), t.tgenabled)
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid AND c.relnamespace = 'public'::regnamespace WHERE NOT t.tgisinternal
  UNION ALL
  SELECT format('%s: %s %s, validated %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid), k.convalidated)
  FROM pg_constraint k WHERE k.connamespace = 'public'::regnamespace
  UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
  ORDER BY guard`;

/** All guards of the database's tables, in words. Equal before and after something, it has left them as they were. */
export async function guardsOf(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ guard: string }>(describeGuards);
  return rows.map(({ guard }) => guard);
}

/**
 * Lifts, for the transaction that is open, what keeps the owner from loading tables: row-level security, triggers, and the
 * foreign keys, which runs and sets have in both directions. Nobody else notices: the tables are locked until its end.
 * @param client the owner of the tables, in a transaction
 * @returns puts all of it back, which proves the foreign keys. @throws Error when anything is not as it was
 */
export async function liftGuards(
  client: pg.ClientBase,
  tables: readonly string[],
): Promise<() => Promise<void>> {
  const before = await guardsOf(client);
  const { rows: keys } = await client.query<{ table: string; name: string; definition: string }>(
    `SELECT conrelid::regclass::text AS table, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS definition
     FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY ($1::regclass[]) ORDER BY 1, 2`,
    [tables],
  );
  const { rows: triggers } = await client.query<{ table: string; name: string; enable: string }>(
    `SELECT tgrelid::regclass::text AS table, quote_ident(tgname) AS name,
            CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END AS enable
     FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgrelid = ANY ($1::regclass[]) ORDER BY 1, 2`,
    [tables],
  );
  const { rows: forced } = await client.query<{ table: string }>(
    "SELECT oid::regclass::text AS table FROM pg_class WHERE relforcerowsecurity AND oid = ANY ($1::regclass[]) ORDER BY 1",
    [tables],
  );
  for (const { table } of forced) await client.query(`ALTER TABLE ${table} NO FORCE ROW LEVEL SECURITY`);
  for (const { table, name } of triggers) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER ${name}`);
  for (const { table, name } of keys) await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  return async () => {
    // Before row-level security hides from the owner what they refer to.
    for (const { table, name, definition } of keys)
      await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
    for (const { table, name, enable } of triggers)
      await client.query(`ALTER TABLE ${table} ${enable} TRIGGER ${name}`);
    for (const { table } of forced) await client.query(`ALTER TABLE ${table} FORCE ROW LEVEL SECURITY`);
    const after = await guardsOf(client);
    const changed = [
      ...before.filter((guard) => !after.includes(guard)),
      ...after.filter((guard) => !before.includes(guard)),
    ];
    if (changed.length > 0 || before.length !== after.length)
      throw new Error(
        `The guards of the database are not as they were. Nothing was restored. ${changed.join("; ")}`,
      );
  };
}

import type pg from "pg";

/** A row that was written, and for whom. */
interface Write {
  table: string;
  /** `INSERT`, with the action when it is an audit entry. */
  what: string;
  /** The client's address, as the transaction knew it; empty for what no request asked for. */
  client: string;
}

/**
 * Written because somebody was there, or was refused, and by no means for them: that they were seen, attempts to sign in
 * and to do what one may not, and the chain over the audit log.
 */
const bookkeeping = `
  CREATE FUNCTION fuzz.is_bookkeeping(name text, operation text, old_row jsonb, new_row jsonb) RETURNS boolean
  LANGUAGE sql IMMUTABLE AS $$
    SELECT name IN ('sign_in_attempts', 'security_windows', 'audit_chain', 'audit_chains')
      OR name = 'audit_log' AND new_row->>'action' ~ '^(session|sign_in|access)\\.|^token\\.new_address$'
      OR operation = 'UPDATE' AND old_row - '{last_seen_at,address}'::text[] = new_row - '{last_seen_at,address}'::text[]
         AND name = 'sessions'
      OR operation = 'UPDATE' AND name = 'api_tokens'
         AND old_row - '{last_used_at,last_used_address}'::text[] = new_row - '{last_used_at,last_used_address}'::text[]
  $$`;

const noting = `
  CREATE FUNCTION fuzz.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
  DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
  BEGIN
    IF NOT fuzz.is_bookkeeping(TG_TABLE_NAME, TG_OP, old_row, new_row) THEN
      INSERT INTO fuzz.writes (table_name, what, client)
      VALUES (TG_TABLE_NAME, concat_ws(' ', TG_OP, CASE WHEN TG_TABLE_NAME = 'audit_log' THEN new_row->>'action' END),
              coalesce(current_setting('app.client_address', true), ''));
    END IF;
    RETURN NULL;
  END $$`;

const theTables = `
  SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relname AS table
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND (n.nspname = 'public' OR n.nspname = 'pgboss' AND c.relname = 'job') AND c.relname !~ '^_prisma'
  ORDER BY 1`;

/** Notes which rows requests write, and compares what all tables hold. As the superuser, on a database to throw away. */
export class Writes {
  readonly #database: pg.Pool;
  #read = 0;

  constructor(database: pg.Pool) {
    this.#database = database;
  }

  /** Has every table note its writes from now on. */
  async watch(): Promise<void> {
    await this.#database.query(`
      CREATE SCHEMA fuzz;
      CREATE TABLE fuzz.writes (id bigserial PRIMARY KEY, table_name text, what text, client text);
      GRANT USAGE ON SCHEMA fuzz TO PUBLIC;
      ${bookkeeping};
      ${noting}`);
    for (const { name } of await this.#tables())
      await this.#database.query(
        `CREATE TRIGGER zz_fuzz AFTER INSERT OR UPDATE OR DELETE ON ${name} FOR EACH ROW EXECUTE FUNCTION fuzz.note()`,
      );
  }

  /** What was written for clients since the last call. */
  async sinceLast(): Promise<Write[]> {
    const { rows } = await this.#database.query<Write & { id: string }>(
      `SELECT id, table_name AS table, what, client FROM fuzz.writes WHERE id > $1 AND client <> '' ORDER BY id`,
      [this.#read],
    );
    this.#read = Number(rows.at(-1)?.id ?? this.#read);
    return rows;
  }

  /** Rows and hash of every table, but for what is written about those who are refused. */
  async everything(): Promise<Map<string, string>> {
    const held = new Map<string, string>();
    for (const { name, table } of await this.#tables()) {
      if (["sign_in_attempts", "security_windows", "audit_chain", "audit_chains"].includes(table)) continue;
      const where =
        table === "audit_log" ? `WHERE action !~ '^(session|sign_in|access)\\.|^token\\.new_address$'` : "";
      const { rows } = await this.#database.query(
        `SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(h, '' ORDER BY h)), '-') AS held FROM (
           SELECT md5((to_jsonb(t) - '{last_seen_at,address,last_used_at,last_used_address}'::text[])::text) AS h
           FROM ${name} t ${where}) hashes`,
      );
      held.set(table, rows[0].held);
    }
    return held;
  }

  async #tables(): Promise<{ name: string; table: string }[]> {
    return (await this.#database.query<{ name: string; table: string }>(theTables)).rows;
  }
}

import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { PrismaPg } from "@prisma/adapter-pg";
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from "@prisma/driver-adapter-utils";
import type { MigrationList, SchemaEngine, SchemaFilter } from "@prisma/schema-engine-wasm";
import pg from "pg";
import { connectionAddress } from "#lib/db/address";

const schemaFile = fileURLToPath(new URL("schema.prisma", import.meta.url));
const migrationsFolder = fileURLToPath(new URL("migrations", import.meta.url));

/** The advisory lock under which Prisma's own tools migrate. */
export const prismaLock = 72707369;

// pg_type: "char" and "char"[].
const charOid = 18;
const charArrayOid = 1002;

/** Nothing in the database is left to others: the schema pgboss is not looked at, being another schema. */
export const noFilters: SchemaFilter = { externalTables: [], externalEnums: [] };

/**
 * Works with Prisma's own schema engine, as the WebAssembly that Prisma publishes: the same that the CLI downloads
 * as a binary.
 * @param databaseUrl where it works; `diff` of migrations replays them in this very database
 */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine: Engine } = await load();
  const pool = catalogPool(databaseUrl);
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(new MigrationAdapter(pool));
    using engine = await Engine.new(
      { datamodels: [["schema.prisma", await readSchema()]] },
      () => {},
      adapter,
    );
    return await work(engine);
  } finally {
    await pool.end();
  }
}

/** The text of prisma/schema.prisma. */
export function readSchema(): Promise<string> {
  return readFile(schemaFile, "utf8");
}

/** The names of the committed migrations, in the order in which they apply. */
export async function migrationNames(): Promise<string[]> {
  const entries = await readdir(migrationsFolder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * The committed migrations, in the order in which they apply.
 * @param through the last one, when it is not the newest
 */
export async function readMigrations(through?: string): Promise<MigrationList> {
  const names = (await migrationNames()).filter((name) => through === undefined || name <= through);
  const directories = names.map(async (name) => {
    const value = await readFile(`${migrationsFolder}/${name}/migration.sql`, "utf8");
    return { path: name, migrationFile: { path: "migration.sql", content: { tag: "ok" as const, value } } };
  });
  return {
    baseDir: migrationsFolder,
    lockfile: {
      path: "migration_lock.toml",
      content: await readFile(`${migrationsFolder}/migration_lock.toml`, "utf8"),
    },
    shadowDbInitScript: "",
    migrationDirectories: await Promise.all(directories),
  };
}

/** Prisma's adapter for node-postgres, with a fix for where the engine and PostgreSQL 18 disagree. */
class MigrationAdapter extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const { executeRaw: execute, queryRaw: ask } = adapter;
    // The engine would lock for its session. Who migrates holds this lock, in a transaction of its own (migrate.ts).
    const locks = (sql: string) => sql.includes(`pg_advisory_lock(${prismaLock})`);
    adapter.executeRaw = async (query) => (locks(query.sql) ? 0 : execute.call(adapter, query));
    // Prisma cuts a script at every semicolon, which breaks function bodies, and sends the parts one by one.
    // PostgreSQL runs a script sent whole in one transaction: a migration happens entirely or not at all.
    adapter.executeScript = async (script) => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
    };
    adapter.queryRaw = async (query) => {
      if (locks(query.sql)) return { columnNames: [], columnTypes: [], rows: [] };
      const result = await ask.call(adapter, query);
      const columnTypes = result.columnTypes.map((type) =>
        type === ColumnTypeEnum.CharacterArray ? ColumnTypeEnum.Character : type,
      );
      return { ...result, columnTypes };
    };
    return adapter;
  }

  /** The scratch database of a diff is the one that was named: nothing needs the right to create databases. */
  override async connectToShadowDb() {
    return this.connect();
  }
}

/**
 * Connections whose answers call the catalog's type "char" an array of it. The adapter refuses the one and knows the
 * other, and MigrationAdapter names it rightly to the engine, which asks for no such arrays.
 */
function catalogPool(databaseUrl: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: connectionAddress(databaseUrl), max: 4 });
  pool.on("error", () => {});
  const query = pool.query.bind(pool) as (...input: unknown[]) => Promise<pg.QueryResult>;
  const renamed = async (...input: unknown[]) => {
    const result = await query(...input);
    for (const field of result.fields ?? [])
      if (field.dataTypeID === charOid) field.dataTypeID = charArrayOid;
    return result;
  };
  pool.query = renamed as typeof pool.query;
  return pool;
}

type EngineModule = typeof import("@prisma/schema-engine-wasm");
let loaded: Promise<EngineModule> | undefined;

/** The package imports its .wasm as a module, which Node does not do: it is instantiated here by hand. */
function load(): Promise<EngineModule> {
  loaded ??= (async () => {
    const bindings = await import("@prisma/schema-engine-wasm/schema_engine_bg");
    // Where the engine leaves the message of a panic, so that it can be read.
    Object.assign(globalThis, {
      PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => console.error(message) },
    });
    const script = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
    const binary = await readFile(script.replace(/\.js$/, ".wasm"));
    const { instance } = await WebAssembly.instantiate(binary, {
      "./schema_engine_bg.js": bindings as unknown as WebAssembly.ModuleImports,
    });
    const exports = instance.exports as { __wbindgen_start(): void };
    (bindings as unknown as { __wbg_set_wasm(wasm: unknown): void }).__wbg_set_wasm(exports);
    exports.__wbindgen_start();
    return bindings as EngineModule;
  })();
  return loaded;
}

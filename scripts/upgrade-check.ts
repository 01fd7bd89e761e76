import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { removeCluster, startCluster } from "./postgres/cluster.ts";
import { freePort } from "./postgres/free-port.ts";

// `npm run upgrade:check -- --from REF`: whether an installation of an earlier version goes on while it is upgraded to this one.
// It builds that version in a folder of its own, fills a database with it (its demo), migrates with this version while the
// earlier web and worker run, and lets them work on: those that run, those that are started again, and then this version's.

const run = promisify(execFile);
const root = fileURLToPath(new URL("..", import.meta.url));
const readyLimitMs = 300_000;
const runLimitMs = 90_000;

const { values } = parseArgs({ options: { from: { type: "string" } } });
if (!values.from) {
  console.error("Say --from, with a commit or tag of an earlier version.");
  process.exit(2);
}
await check(values.from).catch(() => {
  // The step that failed has said it.
  process.exitCode = 1;
});
// The migrations' engine leaves a timer of ten seconds behind, which would keep this process.
process.exit();

/** @throws Error that says which step failed */
async function check(ref: string): Promise<void> {
  // Beside the checkout: packages are linked, which takes one file system.
  const folder = await mkdtemp(join(root, "..", ".tenantpilot-upgrade-"));
  // The database's own user passes through here.
  await chmod(folder, 0o711);
  const old = join(folder, "old");
  const postgres = join(folder, "postgres");
  const running: ChildProcess[] = [];
  let stopPostgres = async () => {};
  try {
    await step(`Unpacking ${ref}`, () => unpack(ref, old));
    await step("Its packages", () => packages(old));
    await step("It is built", () => built(old));
    await step("This version is built", () => built(root));
    const cluster = await step("PostgreSQL", () => startCluster({ folder: postgres, durable: false }));
    stopPostgres = () => cluster.stop();
    await cluster.createDatabase("upgrade");
    const urls = {
      DATABASE_OWNER_URL: cluster.ownerUrl("upgrade"),
      DATABASE_URL: cluster.url("upgrade", "tp_web"),
      DATABASE_WORKER_URL: cluster.url("upgrade", "tp_worker"),
    };
    const start = (title: string, cwd: string, settings: Record<string, string> = {}) =>
      step(title, () => launch(cwd, join(folder, "data"), { ...urls, ...settings }, running));
    const work = async (title: string, url: string) => {
      const demo: Demo = JSON.parse(await readFile(join(folder, "data", "demo.json"), "utf8"));
      await step(title, () => workAsPeopleDo(url, demo));
    };

    const before = await start("The earlier version migrates, makes its demo, and starts", old);
    await work("It works", before);
    const said = await step("This version migrates, while the earlier one runs", () =>
      run(process.execPath, ["prisma/migrate.ts"], { cwd: root, env: { ...process.env, ...urls } }),
    );
    console.log(said.stdout.trim().replace(/^/gm, "    "));
    await work("The earlier version works on, on the new schema", before);
    await end(running);
    // Its launcher would migrate, which does nothing on a newer schema.
    const again = await start("It starts again on the new schema", old, { ALLOW_NEWER_SCHEMA: "true" });
    await work("It works", again);
    await end(running);
    const now = await start("This version starts", root);
    const { versions } = await get<Ready>(`${now}/api/ready`);
    await step(`/api/ready: version ${versions.service}, schema ${versions.schema}`, async () => {
      if (!versions.schema || versions.schema !== versions.expected_schema)
        throw new Error(`This version brings ${versions.expected_schema}.`);
    });
    await work("It works", now);
    console.log(`\nAn installation of ${ref} goes on while it is upgraded to this version.`);
  } finally {
    await end(running);
    await stopPostgres();
    await removeCluster(postgres);
    await rm(folder, { recursive: true, force: true });
  }
}

interface Ready {
  versions: { service: string; schema: string | null; expected_schema: string | null };
}

interface Demo {
  tenants: { id: number }[];
  api_tokens: { tenant_id: number; role: string; token: string }[];
}

async function unpack(ref: string, to: string): Promise<void> {
  await mkdir(to);
  const archive = `${to}.tar`;
  await run("git", ["archive", "--output", archive, ref], { cwd: root });
  await run("tar", ["-xf", archive, "-C", to]);
}

/** Links this checkout's packages where they are the ones that the earlier version wants; else installs its own. */
async function packages(folder: string): Promise<void> {
  const [own, wanted] = await Promise.all([root, folder].map(packagesOf));
  const same = Object.entries(wanted ?? {}).every(([name, version]) => own?.[name] === version);
  if (same) {
    const to = join(folder, "node_modules");
    await run("cp", ["-al", join(root, "node_modules"), to]).catch(() =>
      cp(join(root, "node_modules"), to, { recursive: true, verbatimSymlinks: true }),
    );
  } else {
    await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, maxBuffer: 64 * 1024 * 1024 });
  }
}

async function built(folder: string): Promise<void> {
  await run(process.execPath, ["scripts/build.ts"], {
    cwd: folder,
    env: { ...process.env, PATH: pathOf(folder) },
    maxBuffer: 64 * 1024 * 1024,
  });
}

async function packagesOf(folder: string): Promise<Record<string, string>> {
  const { dependencies, devDependencies } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return { ...devDependencies, ...dependencies };
}

/** Starts what `npm start` does in a folder, on a database that is there, with the demo. @returns where it answers */
async function launch(
  cwd: string,
  dataDir: string,
  settings: Record<string, string>,
  running: ChildProcess[],
): Promise<string> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ["scripts/start.ts", "--demo", "--data-dir", dataDir, "--port", String(port)],
    {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        ...settings,
        PATH: pathOf(cwd),
      },
    },
  );
  running.push(child);
  let said = "";
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      said += text;
      if (said.includes("TenantPilot is ready at")) ready.resolve();
    });
  }
  const tail = () => said.trim().split("\n").slice(-15).join("\n");
  child.once("exit", (code) =>
    ready.reject(new Error(`It ended with ${code}. The end of what it said:\n${tail()}`)),
  );
  const patience = new AbortController();
  await Promise.race([
    ready.promise,
    wait(readyLimitMs, undefined, { signal: patience.signal }).then(() => {
      throw new Error(`It is not ready after ${readyLimitMs / 1000} s. The end of what it said:\n${tail()}`);
    }),
  ]);
  patience.abort();
  return `http://localhost:${port}`;
}

/** Reads and changes by the API what people do: schedules, runs, sets, the audit log. */
async function workAsPeopleDo(url: string, { tenants, api_tokens }: Demo): Promise<void> {
  const tenant = tenants[0]?.id;
  const token = api_tokens.find(({ tenant_id, role }) => tenant_id === tenant && role === "manager")?.token;
  if (!token) throw new Error("The demo has no manager's token.");
  const base = `${url}/api/tenants/${tenant}`;
  const call = <T>(path: string, method = "GET", body?: unknown) =>
    get<T>(`${base}${path}`, { token, method, body });
  const schedules = await call<{ id: number }[]>("/backup-schedules");
  if (schedules.length === 0) throw new Error("There is no schedule.");
  const made = await call<{ id: number }>("/backup-schedules", "POST", {
    name: `Upgrade ${Date.now()}`,
    timezone: "Europe/Berlin",
    frequency: "daily",
    time_of_day: "02:00",
    policy_types: ["deviceCompliancePolicy"],
    include_foundations: false,
  });
  await call(`/backup-schedules/${made.id}`, "PATCH", { time_of_day: "03:00" });
  const begun = await call<{ id: number }>(`/backup-schedules/${made.id}/run-now`, "POST");
  const deadline = Date.now() + runLimitMs;
  for (;;) {
    const { status, error_code } = await call<{ status: string; error_code: string | null }>(
      `/backup-schedules/${made.id}/runs/${begun.id}`,
    );
    if (status === "success") break;
    if (status !== "running") throw new Error(`The run ended as ${status} (${error_code}).`);
    if (Date.now() > deadline) throw new Error(`The run has not ended after ${runLimitMs / 1000} s.`);
    await wait(500);
  }
  const [set] = await call<{ id: number }[]>("/backup-sets");
  if (!set) throw new Error("There is no set.");
  const items = await call<{ id: number }[]>(`/backup-sets/${set.id}/items`);
  await call(`/backup-sets/${set.id}/items/${items[0]?.id}/content`);
  await call("/audit-log");
  await call("/notifications");
  await call(`/backup-schedules/${made.id}`, "DELETE");
}

async function get<T>(
  url: string,
  { token, method = "GET", body }: { token?: string; method?: string; body?: unknown } = {},
): Promise<T> {
  const response = await fetch(url, {
    method,
    headers: {
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname} answers ${response.status}: ${text}`);
  return (text === "" ? null : JSON.parse(text)) as T;
}

/** Tools of a folder's own packages, Node among them. */
function pathOf(folder: string): string {
  return `${join(folder, "node_modules", ".bin")}:${process.env.PATH}`;
}

async function end(running: ChildProcess[]): Promise<void> {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    await gone;
  }
}

async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  console.log(`${title} …`);
  try {
    const result = await work();
    console.log(`  done in ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return result;
  } catch (error) {
    console.error(`  failed: ${error instanceof Error ? error.message : error}`);
    throw error;
  }
}

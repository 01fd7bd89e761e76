// Plain JavaScript for any Node ≥ 20 and nothing but builtins: it runs before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const binFolder = join(root, "node_modules", ".bin");
const runtime = join(root, "node_modules", "node", "bin", "node");

/**
 * Checks the machine, installs the locked packages when they are not all there, and then runs a TypeScript file
 * with the Node version that the lock file names. Ends this process with the exit code of that file.
 * @param {string} script path below the repository, such as `scripts/start.ts`
 */
export async function runInstalled(script) {
  process.chdir(root);
  refuseUnusableMachine();
  if (!isInstalled()) await install();
  const node = usableRuntime();
  const env = { ...process.env, PATH: `${binFolder}${delimiter}${process.env.PATH ?? ""}` };
  // fd 3 is a pipe that nobody writes to: it closes when this process is gone, however it went.
  const child = spawn(node, [join(root, script), ...process.argv.slice(2)], {
    env: { ...env, TENANTPILOT_LIFELINE: "3" },
    stdio: ["inherit", "inherit", "inherit", "pipe"],
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"])) {
    process.on(signal, () => child.kill(signal));
  }
  endWithNpm(() => child.kill("SIGTERM"));
  child.on("error", (error) => fail(`${node} cannot be started: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (signal ? constants.signals[signal] : 0)));
}

/**
 * npm passes signals on, except the one that kills it at once: then this process gets another parent.
 * @param {() => void} end
 */
function endWithNpm(end) {
  if (!process.env.npm_lifecycle_event) return;
  const npm = process.ppid;
  const watching = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(watching);
    end();
  }, 500);
}

function refuseUnusableMachine() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 20)
    fail(
      `TenantPilot needs Node 20 or newer, and this is ${process.version}. Install it from https://nodejs.org.`,
    );
  if (process.platform === "win32")
    fail("TenantPilot runs on Linux and macOS. On Windows, use it inside WSL.");
}

/** Whether node_modules holds exactly what the lock file says: npm's own record of an install, compared with it. */
function isInstalled() {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record) || !existsSync(runtime)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const installed = JSON.parse(readFileSync(record, "utf8")).packages;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "" || (entry.optional && !installed[path])) return true;
    return installed[path]?.version === entry.version;
  });
}

async function install() {
  const started = Date.now();
  console.log("Installing packages (npm ci) …");
  // The Node inside node_modules is about to be replaced: npm has to run on another one. Prisma's installer would
  // look for engines to download, and nothing here uses them: any existing file as "engine" keeps it quiet.
  const path = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join("node_modules", ".bin")));
  const env = { ...process.env, PATH: path.join(delimiter), PRISMA_SCHEMA_ENGINE_BINARY: process.execPath };
  const child = spawn("npm", ["ci", "--include=dev", "--loglevel=error"], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  const ticking = setInterval(() => console.log(`  … still installing, ${seconds(started)}`), 15_000);
  const code = await new Promise((resolve) => {
    child.on("error", (error) =>
      fail(`npm cannot be started: ${error.message}. It comes with Node; is it on the PATH?`),
    );
    child.on("exit", (exitCode) => resolve(exitCode ?? 1));
  });
  clearInterval(ticking);
  if (code !== 0) fail("npm ci failed; its message is above. Fix that and start again.");
  console.log(`Installed in ${seconds(started)}.`);
}

function usableRuntime() {
  if (spawnSync(runtime, ["--version"]).status === 0) return runtime;
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  return fail(
    "The Node runtime in node_modules cannot run on this machine, or npm was told not to run its install script. " +
      "Run `npm rebuild node`, or use Node 24 yourself.",
  );
}

/** @param {number} started */
function seconds(started) {
  return `${Math.round((Date.now() - started) / 1000)} s`;
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}

import {
  copyFile,
  glob,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  stat,
  symlink,
} from "node:fs/promises";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

// `node scripts/package.ts --to DIR`: copies what production needs of a built checkout into an empty folder, and nothing
// else: for images of containers (deploy/Dockerfile), and for machines that shall install nothing. A sixth of the packages
// is left. What is needed is traced from the commands of package.json through every import, by the tracer that Next.js
// itself uses for its pages.

const root = fileURLToPath(new URL("..", import.meta.url));

interface Tracer {
  nodeFileTrace(
    files: string[],
    options: {
      base: string;
      processCwd: string;
      conditions: string[];
      ignore: string[];
      readFile(path: string): Promise<string | Buffer | null>;
    },
  ): Promise<{ fileList: Set<string>; warnings: Set<Error> }>;
}

/** Of Next.js and its packages, what only a build or a development server loads, and pictures, which are sent as they are. */
const neverLoaded = [
  // The build is taken as it is: see builtFiles.
  ".next/**",
  "**/*.map",
  "**/*.d.ts",
  "**/*.development.js",
  "**/next/dist/compiled/next-server/*.dev.js",
  "**/next/dist/compiled/{babel,babel-packages,terser,cssnano-simple,sass-loader,css-loader,@vercel/nft,amphtml-validator}/**",
  "**/next/dist/esm/**",
  "**/node_modules/{sharp,@img,caniuse-lite,@next/swc-*}/**",
  "**/node_modules/{sharp,@img}/*/**",
];

/** Copies a built checkout's production files to an empty folder. @returns how many, and their bytes */
export async function packageTo(folder: string): Promise<{ files: number; bytes: number }> {
  if ((await readdir(folder).catch(() => [])).length > 0) throw new Error(`${folder} is not empty.`);
  const files = new Set([...(await tracedFiles()), ...(await builtFiles()), ...plainFiles]);
  for await (const file of glob(readFiles, { cwd: root })) files.add(file);
  let bytes = 0;
  let copied = 0;
  for (const file of files) {
    const from = join(root, file);
    const found = await stat(from).catch(() => null);
    if (!found?.isFile()) continue;
    const to = join(folder, file);
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    bytes += found.size;
    copied += 1;
  }
  await copyLinks(folder);
  return { files: copied, bytes };
}

const plainFiles = [
  "package.json",
  "next.config.mjs",
  "LICENSE",
  "prisma/schema.prisma",
  // The packed worker is held against them. The lock file is also for whoever looks for packages with known faults.
  "package-lock.json",
  "scripts/launch/bundle.ts",
  "tsconfig.json",
];
/** What is read rather than imported. */
const readFiles = [
  "prisma/migrations/**/*.{sql,toml}",
  "node_modules/@prisma/schema-engine-wasm/*.{wasm,js,json}",
  // Whoever starts Next.js from a program of their own loads it, though it packs nothing.
  "node_modules/next/dist/compiled/{webpack,@babel/runtime}/**/*.{js,json}",
];

/** Every file that a command for operators loads, packages with theirs. */
async function tracedFiles(): Promise<string[]> {
  // Next.js brings the tracer along, without types.
  const { nodeFileTrace } = createRequire(import.meta.url)("next/dist/compiled/@vercel/nft") as Tracer;
  const entries = [...(await commands()), "scripts/run.ts", "scripts/light-imports.ts"];
  const { fileList, warnings } = await nodeFileTrace(
    entries.map((entry) => join(root, entry)),
    {
      base: root,
      processCwd: root,
      conditions: ["node", "import", "default"],
      ignore: neverLoaded,
      readFile: readSource,
    },
  );
  const unread = [...warnings].find(
    ({ message }) => /Failed to parse/.test(message) && !/node_modules/.test(message),
  );
  if (unread) throw unread;
  return [...fileList];
}

/**
 * The files that package.json's commands run in production: all that go through scripts/run.ts, and the one that does not, since
 * it needs the owner's login, which that takes away.
 */
export async function commands(): Promise<string[]> {
  const { scripts } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  return [
    ...Object.values(scripts).flatMap((script) => /node scripts\/run\.ts (\S+)/.exec(script)?.[1] ?? []),
    "scripts/backup.ts",
  ];
}

/** Node runs TypeScript by leaving the types out; the tracer reads JavaScript. */
async function readSource(path: string): Promise<string | Buffer | null> {
  try {
    if (!path.endsWith(".ts")) return await readFile(path);
    const source = stripTypeScriptTypes(await readFile(path, "utf8"), { mode: "strip" });
    // Younger than the tracer's parser.
    return source.replace(/^(\s*)(await )?using (\w+ =)/gm, "$1const $3");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "EISDIR") return null;
    throw error;
  }
}

/** The build of the pages, and what Next.js has traced of the packages that its server and the pages load. */
async function builtFiles(): Promise<string[]> {
  const files: string[] = [];
  const traces: string[] = [];
  for await (const file of glob(".next/**/*", { cwd: root })) {
    if (
      file.startsWith(linksFolder) ||
      /^\.next\/(cache|trace|diagnostics|types)(\/|$)/.test(file) ||
      file.endsWith(".map")
    )
      continue;
    if (file.endsWith(".nft.json")) traces.push(file);
    else files.push(file);
  }
  if (traces.length === 0) throw new Error("Nothing is built here: run npm run build first.");
  for (const trace of traces) {
    const { files: traced } = JSON.parse(await readFile(join(root, trace), "utf8")) as { files: string[] };
    for (const file of traced) files.push(relative(root, resolve(root, dirname(trace), file)));
  }
  const real = await Promise.all(
    files.map(async (file) => relative(root, await realpath(join(root, file)).catch(() => join(root, file)))),
  );
  return real.filter((file) => !file.startsWith("..") && !/\.(map|md)$/.test(file));
}

/** Where a build names the packages that its pages load as they are, each by a link. */
const linksFolder = ".next/node_modules/";

/** Copies links as links: their packages are among the files. */
async function copyLinks(folder: string): Promise<void> {
  for await (const file of glob(`${linksFolder}{*,@*/*}`, { cwd: root })) {
    const target = await readlink(join(root, file)).catch(() => null);
    if (target === null) continue;
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await symlink(target, join(folder, file));
  }
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { to: { type: "string" } } });
  if (!values.to) {
    console.error("Say where to: npm run package -- --to FOLDER");
    process.exit(2);
  }
  const { files, bytes } = await packageTo(resolve(values.to));
  console.log(
    `Copied ${files.toLocaleString("en")} files, ${Math.round(bytes / 1_000_000)} MB, to ${values.to}.`,
  );
}

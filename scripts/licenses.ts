// `npm run licenses`: lists the licenses of all packages that an installation has, and fails on one that nobody has agreed to.
import { readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = new URL("..", import.meta.url);

/** Licenses that ask for no more than their text and the names of the authors to be kept. */
const permitted = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC0-1.0",
  "ISC",
  "MIT",
  "MIT-0",
  "Unlicense",
]);

interface Exception {
  packages: RegExp;
  /** Exactly what the package declares: another one is looked at anew. */
  license: string;
  why: string;
}

const exceptions: readonly Exception[] = [
  {
    packages: /^@img\/sharp-libvips-[\w-]+$/,
    license: "LGPL-3.0-or-later",
    why: "An optional package of Next.js: a shared library, unchanged, that whoever runs it can exchange. No page uses it.",
  },
  {
    packages: /^@img\/sharp-win32-[\w-]+$/,
    license: "Apache-2.0 AND LGPL-3.0-or-later",
    why: "The same for Windows, where the library comes in the package of its caller.",
  },
  {
    packages: /^@img\/sharp-wasm32$/,
    license: "Apache-2.0 AND LGPL-3.0-or-later AND MIT",
    why: "The same as WebAssembly.",
  },
  {
    packages: /^@fontsource-variable\/inter$/,
    license: "OFL-1.1",
    why: "A font, served as it is. It must not be sold by itself, and a changed one needs another name.",
  },
  {
    packages: /^caniuse-lite$/,
    license: "CC-BY-4.0",
    why: "Data about browsers that the build looks up. The license asks for its source to be named: caniuse.com.",
  },
  {
    packages: /^elkjs$/,
    license: "EPL-2.0",
    why: "Of Prisma's command line (its studio), unchanged, and in nothing that web or worker loads.",
  },
  {
    packages: /^seq-queue$/,
    license: "none declared",
    why: "Of the MySQL driver in Prisma's command line. Its LICENSE file is MIT's.",
  },
];

/** A package of an installation. */
export interface LicensedPackage {
  name: string;
  version: string;
  /** As the package declares it (SPDX); `none declared` when it does not. */
  license: string;
}

/** What an installation for production may contain on any platform: every package of the lock file but those for development. */
export async function productionPackages(): Promise<LicensedPackage[]> {
  const { packages } = JSON.parse(await readFile(new URL("package-lock.json", root), "utf8")) as {
    packages: Record<string, { version?: string; license?: string; dev?: true }>;
  };
  const ours = Object.entries(packages).filter(([path, { dev }]) => path !== "" && !dev);
  return Promise.all(
    ours.map(async ([path, { version = "", license }]) => ({
      name: path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
      version,
      license: (await declaredIn(path)) ?? license ?? "none declared",
    })),
  );
}

/**
 * What is wrong with the licenses of packages, in words: a license that is neither permitted nor an exception, and an
 * exception that no package needs any more.
 */
export function licenseFaults(packages: readonly LicensedPackage[]): string[] {
  const covers = (exception: Exception, { name, license }: LicensedPackage) =>
    exception.packages.test(name) && exception.license === license;
  const unknown = packages.filter(
    (each) => !isPermitted(each.license) && !exceptions.some((exception) => covers(exception, each)),
  );
  const idle = exceptions.filter((exception) => !packages.some((each) => covers(exception, each)));
  return [
    ...unknown.map(({ name, version, license }) => `${name} ${version}: ${license}`),
    ...idle.map(({ packages: pattern, license }) => `No package needs the exception ${pattern}: ${license}`),
  ];
}

/** Of alternatives one has to be permitted, of licenses that all hold, all. */
function isPermitted(license: string): boolean {
  const bare = license.replace(/^\((.*)\)$/, "$1");
  return bare.split(/ OR /i).some((one) => one.split(/ AND /i).every((each) => permitted.has(each)));
}

/** What the installed package itself declares; null when it is one for another platform, and so not here. */
async function declaredIn(path: string): Promise<string | null> {
  const text = await readFile(new URL(`${path}/package.json`, root), "utf8").catch(() => null);
  if (text === null) return null;
  const { license } = JSON.parse(text) as { license?: unknown };
  if (license === undefined) return null;
  return typeof license === "string" ? license : JSON.stringify(license);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const packages = await productionPackages();
  const names = Map.groupBy(packages, ({ license }) => license);
  for (const [license, those] of [...names].sort(([, a], [, b]) => b.length - a.length)) {
    console.log(`${license} (${those.length}): ${[...new Set(those.map(({ name }) => name))].join(", ")}`);
  }
  const faults = licenseFaults(packages);
  if (faults.length > 0) {
    console.error(`\nLook at these, then change ${fileURLToPath(import.meta.url)}:\n${faults.join("\n")}`);
    process.exitCode = 1;
  }
}

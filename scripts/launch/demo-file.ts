import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxTenant } from "#sandbox/tenant";

/** What changes from start to start, since ports may. */
export interface Addresses {
  url: string;
  /** The administrator's door to the database: a superuser, whom row-level security does not bind. */
  database_url: string;
  sandbox_url: string;
}

/** `<data-dir>/demo.json`: how scripts and people get into the demo. Its shape must not move. */
export interface DemoFile extends Addresses {
  users: { email: string; password: string; role: string; tenant_ids: number[] }[];
  tenants: { id: number; name: string }[];
  api_tokens: { tenant_id: number; role: string; token: string }[];
}

export interface DemoOptions {
  dataDir: string;
  addresses: Addresses;
  tenants: SandboxTenant[];
  /** The settings of the processes to come. */
  environment: Record<string, string>;
}

export function demoFilePath(dataDir: string): string {
  return join(dataDir, "demo.json");
}

export async function readDemoFile(dataDir: string): Promise<DemoFile | undefined> {
  const text = await readFile(demoFilePath(dataDir), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as DemoFile);
}

/** Seeds the demo at the first start; later only the addresses in its file are renewed. */
export async function prepareDemo({ dataDir, addresses, tenants, environment }: DemoOptions): Promise<void> {
  const known = await readDemoFile(dataDir);
  if (known) return writeDemoFile(dataDir, { ...known, ...addresses });
  await writeFile(seedingMarker(dataDir), "");
  // The seed uses the operations, which read the settings of their process.
  Object.assign(process.env, environment);
  const [{ seedDemo }, { disconnect }, { stopProducer }] = await Promise.all([
    import("#prisma/seed"),
    import("#lib/db/client"),
    import("#lib/jobs/boss"),
  ]);
  try {
    await writeDemoFile(dataDir, { ...addresses, ...(await seedDemo({ sandboxTenants: tenants })) });
  } finally {
    await stopProducer();
    await disconnect();
  }
  await rm(seedingMarker(dataDir));
}

/** Whether an earlier start was killed while it seeded: half a demo is in the database, and nobody's password. */
export async function wasSeedingInterrupted(dataDir: string): Promise<boolean> {
  const marker = await stat(seedingMarker(dataDir)).catch(() => undefined);
  return marker !== undefined && (await readDemoFile(dataDir)) === undefined;
}

function writeDemoFile(dataDir: string, demo: DemoFile): Promise<void> {
  return writeFile(demoFilePath(dataDir), `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
}

function seedingMarker(dataDir: string): string {
  return join(dataDir, "seeding");
}

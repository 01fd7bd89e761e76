import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Secrets {
  /** Signs the session cookies. */
  NEXTAUTH_SECRET: string;
  /** 32 bytes in base64: encrypts the credentials of connections, or did before TENANTPILOT_ENCRYPTION_KEYS. */
  TENANTPILOT_ENCRYPTION_KEY: string;
}

/** The secrets of this data folder, random at the first start; those in the environment go first, unless they are empty. */
export async function loadSecrets(dataDir: string): Promise<Secrets> {
  const file = join(dataDir, "secrets.json");
  await mkdir(dataDir, { recursive: true });
  const text = await readFile(file, "utf8").catch(() => undefined);
  const kept: Secrets = text
    ? JSON.parse(text)
    : { NEXTAUTH_SECRET: random(), TENANTPILOT_ENCRYPTION_KEY: random() };
  if (!text) await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  return {
    NEXTAUTH_SECRET: process.env.NEXTAUTH_SECRET || kept.NEXTAUTH_SECRET,
    TENANTPILOT_ENCRYPTION_KEY: process.env.TENANTPILOT_ENCRYPTION_KEY || kept.TENANTPILOT_ENCRYPTION_KEY,
  };
}

function random(): string {
  return randomBytes(32).toString("base64");
}

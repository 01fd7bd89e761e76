import { randomBytes, randomUUID, X509Certificate } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSandboxCertificate } from "#sandbox/certificate";
import { READ_PERMISSIONS } from "#sandbox/collections";
import type { SandboxTenant } from "#sandbox/tenant";
import { freePort, isPortFree } from "../postgres/free-port.ts";

const renewBeforeMs = 30 * 24 * 60 * 60 * 1000;

/** What the Graph sandbox of a data folder needs to be the same at every start. */
export interface SandboxSettings {
  tenants: SandboxTenant[];
  /** TCP port: Graph over http, sign-in over https. */
  port: number;
}

/** Makes the settings at the first start, at random; a port that something else took meanwhile is changed. */
export async function prepareSandboxSettings(dataDir: string): Promise<SandboxSettings> {
  await mkdir(join(dataDir, "sandbox"), { recursive: true });
  const kept = await readSandboxSettings(dataDir).catch(() => undefined);
  const port = kept && (await isPortFree(kept.port, "127.0.0.1")) ? kept.port : await freePort();
  const tenants = kept?.tenants.map((tenant) => ({ writer: newWriter(), ...tenant })) ?? newTenants();
  const settings = { tenants, port };
  await writeFile(fileIn(dataDir), `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 });
  return settings;
}

export async function readSandboxSettings(dataDir: string): Promise<SandboxSettings> {
  return JSON.parse(await readFile(fileIn(dataDir), "utf8")) as SandboxSettings;
}

/**
 * The certificate of the sandbox's sign-in side, renewed when it is about to expire.
 * @returns the files of key and certificate (PEM); clients trust the latter by NODE_EXTRA_CA_CERTS
 */
export async function sandboxCertificateFiles(
  dataDir: string,
): Promise<{ keyFile: string; certificateFile: string }> {
  const folder = join(dataDir, "sandbox");
  await mkdir(folder, { recursive: true });
  const files = { keyFile: join(folder, "key.pem"), certificateFile: join(folder, "certificate.pem") };
  const known = await readFile(files.certificateFile, "utf8").catch(() => undefined);
  if (known && new X509Certificate(known).validToDate.getTime() - Date.now() > renewBeforeMs) return files;
  const { key, cert } = await createSandboxCertificate();
  await writeFile(files.keyFile, key, { mode: 0o600 });
  await writeFile(files.certificateFile, cert);
  return files;
}

/** The second grants no look into Entra's audit log, so that the demo shows both: who changed what, and not. */
function newTenants(): SandboxTenant[] {
  const permissions = READ_PERMISSIONS.filter((permission) => permission !== "AuditLog.Read.All");
  return [newTenant("Contoso"), { ...newTenant("Fabrikam"), permissions }];
}

function newTenant(displayName: string): SandboxTenant {
  return {
    entraTenantId: randomUUID(),
    clientId: randomUUID(),
    clientSecret: randomBytes(24).toString("base64url"),
    writer: newWriter(),
    displayName,
  };
}

/** What restores write with: a person enters it, as in a tenant of their own. */
function newWriter(): NonNullable<SandboxTenant["writer"]> {
  return { clientId: randomUUID(), clientSecret: randomBytes(24).toString("base64url") };
}

function fileIn(dataDir: string): string {
  return join(dataDir, "sandbox", "settings.json");
}

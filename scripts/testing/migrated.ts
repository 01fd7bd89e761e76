import type { TestDatabase } from "#lib/testing/database";
import { provideLogins } from "#prisma/logins";
import { migrateApart } from "../launch/migrate-apart.ts";
import type { Cluster } from "../postgres/cluster.ts";

/** The addresses of a database, by who connects. */
export type DatabaseAddresses = Omit<TestDatabase, "drop">;

export function addressesOf(cluster: Cluster, name: string): DatabaseAddresses {
  return {
    url: cluster.url(name, "tp_both"),
    webUrl: cluster.url(name, "tp_web"),
    workerUrl: cluster.url(name, "tp_worker"),
    ownerUrl: cluster.ownerUrl(name),
    adminUrl: cluster.adminUrl(name),
  };
}

/** Creates a database on a cluster and migrates it, with a login for web, one for worker, and one that is both. */
export async function createMigrated(cluster: Cluster, name: string): Promise<void> {
  await cluster.createDatabase(name);
  const { url, webUrl, workerUrl, ownerUrl } = addressesOf(cluster, name);
  await migrateApart({ DATABASE_OWNER_URL: ownerUrl, DATABASE_URL: webUrl, DATABASE_WORKER_URL: workerUrl });
  await provideLogins(ownerUrl, [{ url, groups: ["tenantpilot_web", "tenantpilot_worker"] }]);
}

import { Stack } from "@mantine/core";
import { IconPlugConnected } from "@tabler/icons-react";
import type { Metadata } from "next";
import { openTenant } from "#app/page-data.ts";
import { ConnectionForm } from "#components/connection/connection-form";
import { ConnectionTestPanel } from "#components/connection/connection-test";
import { EmptyState } from "#components/feedback/empty-state";
import { NoAccess } from "#components/feedback/no-access";
import { RestoreSettingsPanel } from "#components/restore/connection/restore-settings-panel";
import { WriteConnectionPanel } from "#components/restore/connection/write-connection-panel";
import { AbsoluteTime } from "#components/time/instant";
import { Facts } from "#components/ui/facts";
import { PageHeader } from "#components/ui/page-header";
import { Panel } from "#components/ui/panel";
import { can, canIn } from "#lib/access/permissions";
import { getConnection } from "#lib/connection/connection";
import { availableClouds, cloudLabels } from "#lib/graph/clouds";
import { catalog } from "#lib/policies/catalog";
import { getRestoreSettings } from "#lib/restore/settings";
import { getWriteConnection } from "#lib/restore/write-connection";
import { forgetWriting, save, saveRules, saveWriting, test, testWriting } from "./actions.ts";

export const metadata: Metadata = { title: "Connection" };

const types = catalog.map(({ key, label, category, permission }) => ({ key, label, category, permission }));

export default async function ConnectionPage({ params }: { params: Promise<{ tenantId: string }> }) {
  const { actor, tenantId, tenant } = await openTenant((await params).tenantId);
  if (!canIn(tenant, "connection:view")) return <NoAccess viewer={tenant} permission="connection:view" />;
  const [connection, writing, rules] = await Promise.all([
    getConnection(actor, tenantId, {}),
    getWriteConnection(actor, tenantId, {}),
    getRestoreSettings(actor, tenantId, {}),
  ]);
  const manages = canIn(tenant, "connection:manage");
  const writes = canIn(tenant, "write_connection:manage");
  const clouds = availableClouds(process.env);
  if (connection && !clouds.includes(connection.cloud)) clouds.push(connection.cloud);
  return (
    <>
      <PageHeader title="Connection">How Microsoft Graph of this tenant is reached.</PageHeader>
      <Stack gap="md" maw="52rem">
        {manages ? (
          <Panel title="App registration">
            <ConnectionForm connection={connection} clouds={clouds} save={save.bind(null, tenantId)} />
          </Panel>
        ) : connection ? (
          <Panel title="App registration">
            <Facts
              of={[
                ["Cloud", cloudLabels[connection.cloud]],
                ["Entra tenant id", connection.entra_tenant_id],
                ["Client id", connection.client_id],
                ["Credential", connection.credential_kind === "secret" ? "Client secret" : "Certificate"],
                [
                  "Expires",
                  connection.credential_expires_at ? (
                    <AbsoluteTime key="expires" at={connection.credential_expires_at} />
                  ) : (
                    "Not known"
                  ),
                ],
              ]}
            />
          </Panel>
        ) : (
          <EmptyState icon={<IconPlugConnected size={22} />} title="Not connected yet">
            An owner of this tenant enters the app registration here. Until then, runs fail.
          </EmptyState>
        )}
        {connection ? (
          <ConnectionTestPanel
            connection={connection}
            types={types}
            test={manages ? test.bind(null, tenantId) : null}
          />
        ) : null}
        {connection ? (
          <>
            <WriteConnectionPanel
              connection={writing}
              actions={
                writes
                  ? { save: saveWriting.bind(null, tenantId), test: testWriting.bind(null, tenantId) }
                  : null
              }
              // It takes access away: also from an archived tenant.
              forget={can(tenant.role, "write_connection:manage") ? forgetWriting.bind(null, tenantId) : null}
              isArchived={tenant.is_archived}
            />
            <RestoreSettingsPanel settings={rules} save={writes ? saveRules.bind(null, tenantId) : null} />
          </>
        ) : null}
      </Stack>
    </>
  );
}

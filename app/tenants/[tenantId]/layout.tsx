import { IconArchive } from "@tabler/icons-react";
import type { Metadata } from "next";
import type { ReactNode } from "react";
import { forTenant } from "#app/for-tenant.ts";
import { LiveUpdates } from "#components/live/live-updates";
import { TabSigns } from "#components/live/tab-signs";
import { NotificationBell } from "#components/notifications/notification-bell";
import { AppFrame } from "#components/shell/app-frame";
import { TenantNav } from "#components/shell/tenant-nav";
import { Note } from "#components/ui/note";
import { can } from "#lib/access/permissions";
import { tenantAttention } from "#lib/overview/attention";
import { listMyTenantNames } from "#lib/overview/my-tenants";
import { openTenant } from "../../page-data.ts";
import { signOutAction } from "../../sign-in/actions.ts";
import * as tenantActions from "./actions.ts";
import { startOne } from "./backup-schedules/actions.ts";

interface Props {
  params: Promise<{ tenantId: string }>;
  modal: ReactNode;
  children: ReactNode;
}

export async function generateMetadata({ params }: Pick<Props, "params">): Promise<Metadata> {
  // The layout itself answers for a tenant that is not there; a title is all that is wanted here.
  const opened = await openTenant((await params).tenantId).catch(() => null);
  if (!opened) return { title: "Not found" };
  const { tenant } = opened;
  return { title: { default: tenant.name, template: `%s · ${tenant.name} · TenantPilot` } };
}

export default async function TenantLayout({ params, modal, children }: Props) {
  const { actor, user, tenantId, tenant, since } = await openTenant((await params).tenantId);
  // One array for all who want it: what is the same is sent to the browser once.
  const [tenants, attention] = await Promise.all([
    listMyTenantNames(actor, {}),
    tenantAttention(actor, tenantId, {}),
  ]);
  const { list, markRead, incidents, search } = forTenant(tenantId, tenantActions);
  return (
    <AppFrame
      user={user}
      signOut={signOutAction}
      tenant={tenant}
      tenants={tenants}
      palette={{
        search,
        startRun: startOne.bind(null, tenantId),
        markAllRead: markRead,
      }}
      navbar={<TenantNav tenant={tenant} tenants={tenants} />}
      tools={
        <NotificationBell
          unread={attention.unread_notifications}
          newest={attention.newest_notification_id}
          role={tenant.role}
          openIncidents={can(tenant.role, "alert:view") ? attention.open_incidents : 0}
          tenantId={tenantId}
          actions={{ list, markRead, incidents }}
        />
      }
      beside={
        <>
          <LiveUpdates key={tenantId} tenantId={tenantId} since={since} />
          <TabSigns active_runs={attention.active_runs} failing_schedules={attention.failing_schedules} />
          {modal}
        </>
      }
      note={
        tenant.is_archived ? (
          <Note icon={<IconArchive size={18} />} title="This tenant is archived">
            Nothing in it can be changed, and no backup starts. Owners still take access away. A platform
            administrator can take it back.
          </Note>
        ) : null
      }
    >
      {children}
    </AppFrame>
  );
}

import type { Metadata } from "next";
import type { ReactNode } from "react";
import { NotificationBell } from "#components/notifications/notification-bell";
import { AppFrame } from "#components/shell/app-frame";
import { LiveUpdates } from "#components/shell/live-updates";
import { TenantNav } from "#components/shell/tenant-nav";
import { countUnreadNotifications } from "#lib/notifications/list";
import { listMyTenants } from "#lib/tenants/list";
import { openTenant } from "../../page-data.ts";
import { signOutAction } from "../../sign-in/actions.ts";
import { listNotificationsAction, markNotificationsReadAction } from "./actions.ts";

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
  const { actor, user, tenantId, tenant } = await openTenant((await params).tenantId);
  const [tenants, unread] = await Promise.all([
    listMyTenants(actor),
    countUnreadNotifications(actor, tenantId, {}),
  ]);
  return (
    <AppFrame
      user={user}
      signOut={signOutAction}
      navbar={
        <TenantNav
          tenant={{ id: tenant.id, name: tenant.name, role: tenant.role }}
          tenants={tenants.map(({ id, name, role }) => ({ id, name, role }))}
        />
      }
      tools={
        <NotificationBell
          unread={unread}
          actions={{
            list: listNotificationsAction.bind(null, tenantId),
            markRead: markNotificationsReadAction.bind(null, tenantId),
          }}
        />
      }
    >
      <LiveUpdates tenantId={tenantId} />
      {children}
      {modal}
    </AppFrame>
  );
}

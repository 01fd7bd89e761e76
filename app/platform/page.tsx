import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ButtonLink } from "#components/navigation/button-link";
import { PlatformTenants } from "#components/platform/platform-tenants";
import { PlatformUsers } from "#components/platform/platform-users";
import { AppFrame } from "#components/shell/app-frame";
import { PageHeader } from "#components/ui/page-header";
import { listMyTenantNames } from "#lib/overview/my-tenants";
import { listTenants } from "#lib/platform/tenants";
import { listUsers } from "#lib/platform/users";
import { param, requireUser, type SearchParams } from "../page-data.ts";
import { signOutAction } from "../sign-in/actions.ts";
import {
  archiveTenant,
  createTenant,
  deleteTenant,
  disableUser,
  enableUser,
  endUserSessions,
  makeUserAdministrator,
  makeUserResetLink,
  removeUserSecondFactor,
  renameTenant,
  unarchiveTenant,
  unmakeUserAdministrator,
} from "./actions.ts";

export const metadata: Metadata = { title: "Platform" };

/** For platform administrators; there is no such page for others. */
export default async function PlatformPage({ searchParams }: { searchParams: SearchParams }) {
  const { actor, ...user } = await requireUser("/platform");
  if (!user.is_platform_admin) notFound();
  const search = (param(await searchParams, "search") ?? "").slice(0, 200);
  const [mine, tenants, people] = await Promise.all([
    listMyTenantNames(actor, {}),
    listTenants(actor, {}),
    listUsers(actor, { search }),
  ]);
  return (
    <AppFrame user={user} signOut={signOutAction} tenants={mine}>
      <PageHeader
        title="Platform"
        back={{ href: "/tenants", label: "Tenants" }}
        actions={
          <>
            <ButtonLink href="/platform/status" variant="default">
              Status
            </ButtonLink>
            <ButtonLink href="/platform/alerts" variant="default">
              Alerts
            </ButtonLink>
            <ButtonLink href="/platform/log" variant="default">
              Audit log
            </ButtonLink>
          </>
        }
      >
        The tenants and people of this installation. What is in a tenant is for its members alone.
      </PageHeader>
      <PlatformTenants
        tenants={tenants}
        now={Date.now()}
        actions={{ createTenant, renameTenant, archiveTenant, unarchiveTenant, deleteTenant }}
      />
      <PlatformUsers
        people={people}
        viewerEmail={user.email}
        actions={{
          disableUser,
          enableUser,
          endUserSessions,
          makeUserAdministrator,
          makeUserResetLink,
          removeUserSecondFactor,
          unmakeUserAdministrator,
        }}
      />
    </AppFrame>
  );
}

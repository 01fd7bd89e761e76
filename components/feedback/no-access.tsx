import { IconLock } from "@tabler/icons-react";
import { type Permission, permissions, type Role } from "#lib/access/permissions";
import { EmptyState } from "./empty-state.tsx";

/** Stands for a page that the viewer's role does not include. */
export function NoAccess({ role, permission }: { role: Role; permission: Permission }) {
  return (
    <EmptyState heading="h1" icon={<IconLock size={22} />} title="Your role does not include this page">
      You are {role} in this tenant; this page is for the role {permissions[permission]} and above. Ask an
      owner of the tenant for a higher role.
    </EmptyState>
  );
}

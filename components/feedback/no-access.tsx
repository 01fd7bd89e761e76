import { IconArchive, IconLock } from "@tabler/icons-react";
import { can, type Permission, permissions, type Standing } from "#lib/access/permissions";
import { EmptyState } from "./empty-state.tsx";

/** Stands for a page that the viewer's role does not include, or that an archived tenant does not have. */
export function NoAccess({ viewer: { role }, permission }: { viewer: Standing; permission: Permission }) {
  if (can(role, permission))
    return (
      <EmptyState heading="h1" icon={<IconArchive size={22} />} title="This tenant is archived">
        Nothing in it can be changed. A platform administrator can take it back.
      </EmptyState>
    );
  return (
    <EmptyState heading="h1" icon={<IconLock size={22} />} title="Your role does not include this page">
      You are {role} in this tenant; this page is for the role {permissions[permission]} and above. Ask an
      owner of the tenant for a higher role.
    </EmptyState>
  );
}

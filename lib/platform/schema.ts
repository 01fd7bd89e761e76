import { z } from "zod";
import { id, instant } from "#lib/view-fields";

/** A tenant, as platform administrators see it: that it is there, and nothing of what is in it. */
export const platformTenantView = z
  .strictObject({
    id,
    name: z.string(),
    created_at: instant,
    archived_at: instant.nullable().meta({ description: "Read-only since then, and not backed up" }),
    deletable_at: instant
      .nullable()
      .meta({ description: "When it can be deleted; null while it is not archived" }),
    is_being_deleted: z.boolean().meta({ description: "A part of it is gone already; delete it once more" }),
    members: z.int().meta({ description: "How many people are members" }),
    owners: z
      .int()
      .meta({ description: "How many of them are owners who can act: their accounts are enabled" }),
  })
  .meta({ id: "PlatformTenant" });
export type PlatformTenant = z.infer<typeof platformTenantView>;

/** A person, as platform administrators see them. */
export const platformUserView = z
  .strictObject({
    id,
    email: z.string(),
    name: z.string(),
    created_at: instant,
    is_disabled: z.boolean(),
    is_platform_admin: z.boolean(),
    has_second_factor: z.boolean().meta({ description: "Two-step sign-in is on" }),
    tenants: z.int().meta({ description: "How many tenants they are a member of" }),
  })
  .meta({ id: "PlatformUser" });
export type PlatformUser = z.infer<typeof platformUserView>;

export const resetLinkView = z
  .strictObject({
    path: z.string().meta({ description: "Of the page where the person chooses a password, this once" }),
    expires_at: instant,
  })
  .meta({ id: "ResetLink" });

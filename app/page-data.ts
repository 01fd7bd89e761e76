import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import type { FrameUser } from "#components/shell/frame-user.ts";
import type { Actor } from "#lib/access/actor";
import { actorOf } from "#lib/access/current-user";
import { AppError } from "#lib/errors";
import { liveMark } from "#lib/live/listen";
import { getTenantName, type TenantName } from "#lib/overview/my-tenants";
import { sessionUser } from "./session.ts";

/** Query parameters of a page, as Next.js hands them over. */
export type SearchParams = Promise<Record<string, string | string[] | undefined>>;

/**
 * Who looks at the page. Sends to the sign-in page, and from there to `next`, when nobody is signed in; and first to
 * the profile who has to choose a password, or to set up a second step.
 */
export async function requireUser(next: string): Promise<FrameUser & { actor: Actor }> {
  const user = await sessionUser();
  if (!user) redirect(`/sign-in?next=${encodeURIComponent(next)}`);
  if (user.first_duty) redirect(`/profile?next=${encodeURIComponent(next)}`);
  const { name, email, is_platform_admin } = user;
  return { actor: actorOf(user), name, email, is_platform_admin };
}

/** The tenant of a page with the viewer's role in it; asked once a request. Not found if it is not theirs. */
export const openTenant = cache(
  async (
    tenantIdText: string,
  ): Promise<{
    actor: Actor;
    user: FrameUser;
    tenantId: number;
    tenant: TenantName;
    /** What was heard of the tenant before anything was read for this page. */
    since: string | null;
  }> => {
    const since = /^[1-9][0-9]*$/.test(tenantIdText) ? liveMark(Number(tenantIdText)) : null;
    const { actor, ...user } = await requireUser(`/tenants/${encodeURIComponent(tenantIdText)}`);
    const tenantId = idOf(tenantIdText);
    const tenant = await found(getTenantName(actor, tenantId, {}));
    return { actor, user, tenantId, tenant, since };
  },
);

/** The answer of an operation; the not-found page when there is no such thing, or the URL is not one of ours. */
export async function found<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof AppError && (error.code === "NOT_FOUND" || error.code === "VALIDATION_FAILED"))
      notFound();
    throw error;
  }
}

/** The id in a path segment: decimal digits only. Not found otherwise. */
export function idOf(text: string): number {
  if (!/^[1-9][0-9]{0,15}$/.test(text)) notFound();
  return Number(text);
}

/** One query parameter; of a repeated one the first, and undefined for an empty one. */
export function param(
  params: Record<string, string | string[] | undefined>,
  name: string,
): string | undefined {
  const value = params[name];
  return (Array.isArray(value) ? value[0] : value) || undefined;
}

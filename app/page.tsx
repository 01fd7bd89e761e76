import { redirect } from "next/navigation";
import { listMyTenantNames } from "#lib/overview/my-tenants";
import { requireUser } from "./page-data.ts";

/** Where one begins: in the tenant, for who has one; before the list, for who has several or none. */
export default async function Home() {
  const { actor } = await requireUser("/");
  const [only, ...others] = await listMyTenantNames(actor, {});
  redirect(only && others.length === 0 ? `/tenants/${only.id}` : "/tenants");
}

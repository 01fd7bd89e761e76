import { hrefOf } from "../navigation/href.ts";

/** One item of a set of a tenant. */
export interface ItemAt {
  tenant_id: number;
  set_id: number;
  item_id: number;
}

/** The comparison of a set of a tenant; with the one before it in its schedule unless told. */
export function compareHref(
  tenantId: number,
  setId: number,
  params: Record<string, string | number | undefined> = {},
): string {
  return hrefOf(`/tenants/${tenantId}/backup-sets/${setId}/compare`, params);
}

/** A stored policy. */
export function itemHref({ tenant_id, set_id, item_id }: ItemAt): string {
  return `/tenants/${tenant_id}/backup-sets/${set_id}/items/${item_id}`;
}

/** The page with the differences of one policy, from `left` to `right`. */
export function itemCompareHref(
  left: ItemAt,
  right: ItemAt,
  params: Record<string, string | undefined> = {},
): string {
  return hrefOf(`${itemHref(right)}/compare`, {
    with_tenant: left.tenant_id === right.tenant_id ? undefined : left.tenant_id,
    with_set: left.set_id,
    with_item: left.item_id,
    ...params,
  });
}

/** Where the differences of one policy are read as JSON. */
export function itemComparisonApi(left: ItemAt, right: ItemAt): string {
  return hrefOf(`/api${itemHref(right)}/comparison`, {
    with_tenant_id: left.tenant_id === right.tenant_id ? undefined : left.tenant_id,
    with_set_id: left.set_id,
    with_item_id: left.item_id,
  });
}

/** Where the stored JSON of one policy is read. */
export function itemContentApi(item: ItemAt): string {
  return `/api${itemHref(item)}/content`;
}

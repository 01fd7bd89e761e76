import { stages } from "#lib/policies/write/write-rule";
import type { WriteRequest } from "./plan.ts";

/** A request and the item that it is of. */
export interface OrderedRequest {
  item: string;
  request: WriteRequest;
}

/**
 * The requests of many items in the order of a restore: by stage, so that what others refer to is there before them, and
 * everybody's assignments come after everybody's objects. Priorities go from the lowest number up, since Graph moves
 * the others aside.
 */
export function inOrder(items: ReadonlyMap<string, readonly WriteRequest[]>): OrderedRequest[] {
  const all = [...items].flatMap(([item, requests]) => requests.map((request) => ({ item, request })));
  const rank = ({ request }: OrderedRequest) => stages.indexOf(request.stage);
  const priority = ({ request }: OrderedRequest) =>
    request.stage === "priority" && typeof request.body.priority === "number" ? request.body.priority : 0;
  return all
    .map((ordered, at) => ({ ordered, at }))
    .sort(
      (a, b) => rank(a.ordered) - rank(b.ordered) || priority(a.ordered) - priority(b.ordered) || a.at - b.at,
    )
    .map(({ ordered }) => ordered);
}

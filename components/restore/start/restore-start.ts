import type { PlanAction } from "../actions.ts";

/** From where policies are restored, and where to: what a page knows when it offers a restore. */
export interface RestoreStart {
  source: { id: number; name: string };
  /** Tenants of the viewer's that may be restored to; never empty. */
  targets: readonly { id: number; name: string }[];
  /** The one that is offered first. */
  targetId: number;
  plan: PlanAction;
}

/** A policy that somebody chose, as it is in a set. */
export interface ChosenPolicy {
  policy_type: string;
  graph_id: string;
  display_name: string;
}

/** The key of a chosen policy within a set. */
export function chosenKey({ policy_type, graph_id }: Omit<ChosenPolicy, "display_name">): string {
  return `${policy_type} ${graph_id}`;
}

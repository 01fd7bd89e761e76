import { toast } from "#components/feedback/toast.ts";

/**
 * Leads to a plan that was made, whoever still waits for it; others are told that it is there.
 * @param isHere whether they are still where they asked for it
 */
export function showPlan(
  made: { id: number; tenant_id: number },
  isHere: boolean,
  navigate: (path: string) => void,
): void {
  if (isHere) navigate(`/tenants/${made.tenant_id}/restores/${made.id}`);
  else toast.info(`Restore ${made.id} is being planned. It stands among the restores.`);
}

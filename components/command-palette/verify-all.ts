/**
 * Verifies all kept backup sets of a tenant, one after the other through the API, so that nothing else waits for it.
 * @param progress hears of each that is done
 * @returns how many were verified, and the ids of the damaged ones
 * @throws Error when the service does not answer as it should
 */
export async function verifyAll(
  tenantId: number,
  progress: (done: number, of: number) => void,
): Promise<{ sets: number; damaged: number[] }> {
  const base = `/api/tenants/${tenantId}/backup-sets`;
  const ids: number[] = [];
  for (let next: string | null = `${base}?limit=200`; next; ) {
    const response: Response = await answered(fetch(next));
    for (const set of (await response.json()) as { id: number }[]) ids.push(set.id);
    next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get("link") ?? "")?.[1] ?? null;
  }
  const damaged: number[] = [];
  for (const [index, id] of ids.entries()) {
    progress(index, ids.length);
    const response = await answered(fetch(`${base}/${id}/verify`, { method: "POST" }));
    const result = (await response.json()) as { status: string };
    if (result.status !== "ok") damaged.push(id);
  }
  return { sets: ids.length, damaged };
}

async function answered(sent: Promise<Response>): Promise<Response> {
  const response = await sent;
  if (!response.ok) throw new Error(`The service answered ${response.status}.`);
  return response;
}

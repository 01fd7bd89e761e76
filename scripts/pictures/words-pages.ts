import { policyTypeKeys } from "#lib/policies/catalog";
import type { DemoFile } from "../launch/demo-file.ts";

interface Item {
  id: number;
  policy_type: string;
}
interface Difference {
  policy_type: string;
  change: string;
  left: { item_id: number } | null;
  right: { item_id: number } | null;
}

/** What the pictures of policies in words are taken of. */
export interface WordsPages {
  /** By the names of their pictures: one policy of each type, and one difference of each. */
  pages: [string, string][];
  /** The tenant's documentation, as its file. */
  documentation: string;
}

/**
 * Has every kind of object of a running demo's tenant changed and backed up, and finds one policy and one difference of each
 * type. Goes through the API and the sandbox's control.
 * @throws Error when the demo refuses, with its answer
 */
export async function wordsPages(demo: DemoFile, tenantId: number): Promise<WordsPages> {
  const token = demo.api_tokens.find((each) => each.tenant_id === tenantId && each.role === "owner")?.token;
  const ask = async (method: string, url: string, body?: unknown) => {
    const answer = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${await answer.text()}`);
    return answer;
  };
  const base = `${demo.url}/api/tenants/${tenantId}`;
  const api = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    (await ask(method, `${base}${path}`, body)).json() as Promise<T>;
  const control = `${demo.sandbox_url}/_sandbox`;

  const { id } = await api<{ id: number }>("POST", "/backup-schedules", {
    name: `Every type ${Date.now()}`,
    timezone: "Europe/Berlin",
    frequency: "daily",
    time_of_day: "03:15",
    policy_types: policyTypeKeys,
    include_foundations: true,
  });
  const run = async () => {
    await api("POST", `/backup-schedules/${id}/run-now`);
    for (;;) {
      const [newest] = await api<{ status: string; backup_set_id: number }[]>(
        "GET",
        `/backup-schedules/${id}/runs?limit=1`,
      );
      if (newest && newest.status !== "running") return newest.backup_set_id;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  };
  await run();
  const { entra_tenant_id } = await api<{ entra_tenant_id: string }>("GET", "/connection");
  const known = (await (await ask("GET", control)).json()) as {
    tenants: { entraTenantId: string; collections: Record<string, number> }[];
  };
  const collections = known.tenants.find(
    ({ entraTenantId }) => entraTenantId === entra_tenant_id,
  )?.collections;
  for (const [collection, count] of Object.entries(collections ?? {})) {
    if (count === 0) continue;
    // A collection that is one object changes nothing in some tenants.
    await ask("POST", `${control}/tenants/${entra_tenant_id}/drift`, {
      collection,
      change: 2,
      seed: 7,
    }).catch(() => {});
  }
  const setId = await run();
  const set = `/backup-sets/${setId}`;

  const items: Item[] = [];
  for (let url: string | null = `${base}${set}/items?limit=200`; url !== null; ) {
    const answer: Response = await ask("GET", url);
    items.push(...((await answer.json()) as Item[]));
    const next: string | undefined = /<([^>]+)>; rel="next"/.exec(answer.headers.get("link") ?? "")?.[1];
    url = next ? new URL(next, demo.url).href : null;
  }
  const { left, items: differences } = await api<{ left: { id: number } | null; items: Difference[] }>(
    "GET",
    `${set}/comparison`,
  );
  const page = `/tenants/${tenantId}${set}/items`;
  const firstOf = <T extends { policy_type: string }>(all: readonly T[]) =>
    [...Map.groupBy(all, ({ policy_type }) => policy_type)].flatMap(([type, [one]]) =>
      one ? [[type, one] as const] : [],
    );
  const changed = differences.filter(({ change }) => change === "changed");
  const documentation = await ask("GET", `${base}${set}/documentation?format=html&timezone=Europe/Berlin`);
  return {
    pages: [
      ...firstOf(items).map(([type, item]): [string, string] => [`words-${type}`, `${page}/${item.id}`]),
      ...firstOf(changed).map(([type, { left: before, right: after }]): [string, string] => [
        `difference-${type}`,
        `${page}/${after?.item_id}/compare?with_set=${left?.id}&with_item=${before?.item_id}`,
      ]),
    ],
    documentation: await documentation.text(),
  };
}

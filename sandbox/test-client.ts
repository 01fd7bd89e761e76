import type { GraphObject } from "./json.ts";
import type { Sandbox, SandboxTenant } from "./server.ts";

/** A tenant for tests. */
export const CONTOSO: SandboxTenant = {
  entraTenantId: "6f1c5f0e-0c2a-4d53-9d3b-6a1f2c9b7e10",
  clientId: "b7a1d1c2-93c4-4b6e-8a54-1b7f2f0f9a11",
  clientSecret: "contoso-secret",
  displayName: "Contoso",
};

interface Reply {
  status: number;
  headers: Headers;
  body: GraphObject;
}

/** The form of a token request. */
export function tokenForm(tenant: SandboxTenant, changes: Record<string, string> = {}): URLSearchParams {
  return new URLSearchParams({
    grant_type: "client_credentials",
    scope: "https://graph.microsoft.com/.default",
    client_id: tenant.clientId,
    client_secret: tenant.clientSecret,
    ...changes,
  });
}

/** A caller with a token, as plain as can be. */
export class TestClient {
  readonly #sandbox: Sandbox;
  #token: string;

  constructor(sandbox: Sandbox, token: string) {
    this.#sandbox = sandbox;
    this.#token = token;
  }

  static async connect(sandbox: Sandbox, tenant: SandboxTenant): Promise<TestClient> {
    const client = new TestClient(sandbox, "");
    await client.renew(tenant);
    return client;
  }

  async renew(tenant: SandboxTenant): Promise<void> {
    const url = `${this.#sandbox.url}/${tenant.entraTenantId}/oauth2/v2.0/token`;
    const response = await fetch(url, { method: "POST", body: tokenForm(tenant) });
    const body = (await response.json()) as { access_token?: string };
    if (body.access_token === undefined) throw new Error(`No token: ${JSON.stringify(body)}`);
    this.#token = body.access_token;
  }

  get claims(): GraphObject {
    return JSON.parse(Buffer.from(this.#token.split(".")[1] ?? "", "base64url").toString()) as GraphObject;
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const url = path.startsWith("http") ? path : `${this.#sandbox.url}${path}`;
    const headers = { authorization: `Bearer ${this.#token}`, ...(init.headers as Record<string, string>) };
    return fetch(url, { ...init, headers });
  }

  async get(path: string): Promise<Reply> {
    const response = await this.fetch(path);
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as GraphObject,
    };
  }

  /** All pages of a collection, and how many there were. */
  async all(path: string): Promise<{ items: GraphObject[]; pages: number }> {
    const items: GraphObject[] = [];
    let pages = 0;
    for (let next: string | undefined = path; next !== undefined; ) {
      const { status, body } = await this.get(next);
      if (status !== 200) throw new Error(`${next}: ${status} ${JSON.stringify(body)}`);
      items.push(...(body.value as GraphObject[]));
      pages++;
      next = body["@odata.nextLink"] as string | undefined;
    }
    return { items, pages };
  }

  async batch(requests: { id: string; method?: string; url: string }[], version = "beta"): Promise<Reply> {
    const body = JSON.stringify({ requests: requests.map((request) => ({ method: "GET", ...request })) });
    const headers = { "content-type": "application/json" };
    const response = await this.fetch(`/${version}/$batch`, { method: "POST", body, headers });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as GraphObject,
    };
  }
}

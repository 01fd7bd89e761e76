import { GraphError } from "./errors.ts";

/** Where a tenant's Entra and Graph are reached. `sandbox` is the project's own server, never Microsoft's. */
export const clouds = ["global", "usgov_l4", "usgov_dod", "china", "sandbox"] as const;

export type Cloud = (typeof clouds)[number];

/** Base URLs without a trailing slash. */
export interface CloudEndpoints {
  loginUrl: string;
  graphUrl: string;
}

export const cloudLabels: Record<Cloud, string> = {
  global: "Microsoft 365 (worldwide)",
  usgov_l4: "US Government L4 (GCC High)",
  usgov_dod: "US Government L5 (DoD)",
  china: "China (21Vianet)",
  sandbox: "Graph sandbox",
};

const microsoftEndpoints: Record<Exclude<Cloud, "sandbox">, CloudEndpoints> = {
  global: { loginUrl: "https://login.microsoftonline.com", graphUrl: "https://graph.microsoft.com" },
  usgov_l4: { loginUrl: "https://login.microsoftonline.us", graphUrl: "https://graph.microsoft.us" },
  usgov_dod: { loginUrl: "https://login.microsoftonline.us", graphUrl: "https://dod-graph.microsoft.us" },
  china: { loginUrl: "https://login.chinacloudapi.cn", graphUrl: "https://microsoftgraph.chinacloudapi.cn" },
};

/** Where the sandbox runs: GRAPH_SANDBOX_URL (Graph, http or https) and GRAPH_SANDBOX_LOGIN_URL (https). */
type SandboxEnv =
  | { GRAPH_SANDBOX_URL?: string | undefined; GRAPH_SANDBOX_LOGIN_URL?: string | undefined }
  | Readonly<Record<string, string | undefined>>;

/** The clouds that a connection can choose here: the sandbox only where one runs. */
export function availableClouds(env: SandboxEnv): Cloud[] {
  return clouds.filter(
    (cloud) => cloud !== "sandbox" || (env.GRAPH_SANDBOX_URL && env.GRAPH_SANDBOX_LOGIN_URL),
  );
}

/**
 * The endpoints of a cloud. Source: Microsoft, "National cloud deployments".
 * @throws GraphError AUTH_CONFIG for `sandbox` where none runs
 */
export function endpointsOf(cloud: Cloud, env: SandboxEnv): CloudEndpoints {
  if (cloud !== "sandbox") return microsoftEndpoints[cloud];
  const { GRAPH_SANDBOX_URL: graphUrl, GRAPH_SANDBOX_LOGIN_URL: loginUrl } = env;
  if (!graphUrl || !loginUrl) {
    throw new GraphError(
      "AUTH_CONFIG",
      "The connection points to the Graph sandbox, and none is running here. Choose another cloud.",
    );
  }
  return { loginUrl: loginUrl.replace(/\/+$/, ""), graphUrl: graphUrl.replace(/\/+$/, "") };
}

// A process that signs in to a Graph sandbox and reads one list of it, and says how many policies are there: what its
// environment says of proxies and certificates counts from its start.
import { createGraphClient } from "#lib/graph/client";
import type { GraphConnection } from "#lib/graph/connection";

const connection = JSON.parse(process.argv[2] ?? "") as GraphConnection;
const client = createGraphClient(connection, { signal: AbortSignal.timeout(60_000) });
let policies = 0;
for await (const page of client.pages("deviceManagement/deviceCompliancePolicies", "beta"))
  policies += page.value.length;
console.log(policies);

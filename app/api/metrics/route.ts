import { env } from "#lib/env";
import { serviceMetrics } from "#lib/health/service-metrics";
import { publicEndpoint } from "#lib/http/endpoint";
import { route } from "#lib/http/route";
import { requireServiceToken } from "#lib/http/service-token";
import { processMetrics } from "#lib/metrics";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: publicEndpoint({
    path: "/metrics",
    id: "getMetrics",
    summary: "Metrics of this process and of the service, for Prometheus",
    description:
      "METRICS_TOKEN must be sent as the bearer token. Where none is set, only this machine itself gets an answer, from a server that listens on loopback.",
    tag: "Service",
    needs: "nobody",
    answer: { status: 200, description: "Prometheus' text format", mediaType: "text/plain" },
    errors: ["UNAUTHENTICATED", "UNAVAILABLE"],
    async respond(request) {
      requireServiceToken(request, env());
      const parts = await Promise.all([processMetrics(), serviceMetrics()]);
      return new Response(parts.join("\n"), {
        headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" },
      });
    },
  }),
});

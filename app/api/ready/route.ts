import { AppError } from "#lib/errors";
import { readiness } from "#lib/health/readiness";
import { publicEndpoint } from "#lib/http/endpoint";
import { route } from "#lib/http/route";
import { readinessSchema } from "#lib/http/schemas";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: publicEndpoint({
    path: "/ready",
    id: "getReadiness",
    summary: "Whether this web server can serve: database, migrations, guards, key",
    description:
      "`checks` says what is missing; then it is 503. `checks.worker` is told beside them: pages and API serve without one.",
    tag: "Service",
    needs: "nobody",
    answer: { status: 200, description: "It can", schema: readinessSchema },
    errors: ["UNAVAILABLE"],
    async respond() {
      const state = await readiness();
      if (state.ready) return Response.json(state);
      const faults = Object.entries(state.checks).filter(([part, check]) => part !== "worker" && !check.ok);
      const detail = faults.map(([part, check]) => `${part}: ${check.message}`).join("; ");
      throw new AppError("UNAVAILABLE", detail, { details: { ...state } });
    },
  }),
});

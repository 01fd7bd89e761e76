import { AppError } from "#lib/errors";
import { readiness } from "#lib/health";
import { publicEndpoint } from "#lib/http/endpoint";
import { route } from "#lib/http/route";
import { readinessSchema } from "#lib/http/schemas";

export const { GET, POST, PUT, PATCH, DELETE, OPTIONS } = route({
  GET: publicEndpoint({
    path: "/ready",
    id: "getReadiness",
    summary: "Whether the service can do its work: database, migrations, a live worker",
    description: "`checks` says what is missing; then it is 503.",
    tag: "Service",
    needs: "nobody",
    answer: { status: 200, description: "It can", schema: readinessSchema },
    errors: ["UNAVAILABLE"],
    async respond() {
      const state = await readiness();
      if (state.ready) return Response.json(state);
      const faults = Object.entries(state.checks).filter(([, check]) => !check.ok);
      const detail = faults.map(([part, check]) => `${part}: ${check.message}`).join("; ");
      throw new AppError("UNAVAILABLE", detail, { details: { ...state } });
    },
  }),
});

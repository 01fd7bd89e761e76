"use client";

import { Button, Loader } from "@mantine/core";
import { useEffect, useState } from "react";
import type { Drift, DriftDetails } from "#lib/drift/schema";
import { type Fetched, fetchJson } from "../compare/fetch-json.ts";
import { PolicyDiff } from "../compare/policy/policy-diff.tsx";
import { policyHref } from "../navigation/href.ts";
import { Link } from "../navigation/link.tsx";
import { AbsoluteTime } from "../time/instant.tsx";
import { Facts } from "../ui/facts.tsx";
import classes from "./drift.module.css";

/** One difference: what was decided about it, and what differs, path by path. */
export function DriftDetailsPanel({ drift, tenantId }: { drift: Drift; tenantId: number }) {
  const { policy_type, live_graph_id } = drift;
  return (
    <>
      <Facts
        of={[
          ["Found", <AbsoluteTime key="found" at={drift.found_at} />],
          drift.changed_at === drift.found_at
            ? null
            : ["Last found otherwise", <AbsoluteTime key="changed" at={drift.changed_at} />],
          drift.changed_by
            ? [
                "Changed last by",
                <span key="by">
                  {drift.changed_by.who}, <AbsoluteTime at={drift.changed_by.at} />
                </span>,
              ]
            : null,
          drift.decided_at && drift.decided_by
            ? [
                drift.renewed ? "Was accepted" : drift.state === "denied" ? "Denied" : "Accepted",
                <span key="decided">
                  by {drift.decided_by.name}, <AbsoluteTime at={drift.decided_at} />
                </span>,
              ]
            : null,
          drift.reason ? ["Reason", drift.reason] : null,
          drift.accepted_until
            ? ["Accepted until", <AbsoluteTime key="until" at={drift.accepted_until} />]
            : null,
          drift.gone_at ? ["Gone", <AbsoluteTime key="gone" at={drift.gone_at} />] : null,
        ]}
      />
      <Loaded drift={drift} tenantId={tenantId} />
      {live_graph_id ? (
        <div className={`${classes.links} tp-no-print`}>
          <Link className="tp-link" href={policyHref(tenantId, { policy_type, graph_id: live_graph_id })}>
            History of the policy
          </Link>
        </div>
      ) : null}
    </>
  );
}

const headings = {
  added: "What the policy holds that the baseline does not have",
  removed: "What the baseline has of the policy that is not there",
  changed: "From the baseline to what is live",
} as const;

/** The differences, read when they are unfolded. */
function Loaded({ drift, tenantId }: { drift: Drift; tenantId: number }) {
  const [answer, setAnswer] = useState<Fetched<DriftDetails> | null>(null);
  const [attempt, setAttempt] = useState(0);
  const path = `/api/tenants/${tenantId}/drift/${drift.id}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt reads again
  useEffect(() => {
    const abort = new AbortController();
    setAnswer(null);
    fetchJson<DriftDetails>(path, abort.signal).then((found) => {
      if (!abort.signal.aborted) setAnswer(found);
    });
    return () => abort.abort();
  }, [path, attempt]);
  if (!answer) return <Loader size="sm" role="status" aria-label={`Loading ${drift.display_name}`} />;
  if (!answer.ok) {
    return (
      <div role="alert">
        {answer.message}{" "}
        <Button size="compact-sm" variant="default" onClick={() => setAttempt((before) => before + 1)}>
          Try again
        </Button>
      </div>
    );
  }
  const { changes, words, names } = answer.data;
  if (changes === null || words === null)
    return <p className="tp-dim">One of the sides is not stored any more, so they cannot be compared.</p>;
  return (
    <div>
      <p>
        <strong>{headings[drift.kind]}</strong>
      </p>
      <PolicyDiff comparison={{ identical: false, changes, words, names }} heading="h3" />
    </div>
  );
}

"use client";

import { Button, Loader, PasswordInput, TextInput } from "@mantine/core";
import { IconPower } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { Fetched } from "#components/compare/fetch-json.ts";
import { PolicyDiff } from "#components/compare/policy/policy-diff";
import { ConfirmDialog } from "#components/feedback/dialogs/confirm.ts";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { policyHref } from "#components/navigation/href.ts";
import { Link } from "#components/navigation/link";
import { AbsoluteTime } from "#components/time/instant";
import { CopyText } from "#components/ui/copy-button";
import type { RestoreItem } from "#lib/restore/schema";
import type { RestoreActions } from "../actions.ts";
import { errorRemedies } from "../restore-words.ts";
import { loadItem } from "./load-item.ts";
import classes from "./plan-items.module.css";
import type { ItemActs } from "./plan-items.tsx";
import type { RestoreItemDetails } from "./restore-details.ts";

/** One policy of a restore: what would be done with it and why, what was sent, and what came of it. */
export function PlanItemDetails({
  item,
  tenantId,
  sourceTenantId,
  begun,
  acts,
}: {
  item: RestoreItem;
  tenantId: number;
  sourceTenantId: number;
  begun: boolean;
  acts: ItemActs;
}) {
  const { policy_type, mode } = item;
  return (
    <>
      {begun ? <Outcome item={item} /> : null}
      {item.outcome === "blocked" && !item.is_skipped ? (
        <Reasons item={item} changeItems={acts.changeItems} />
      ) : null}
      {item.outcome === "impossible" && item.why ? <p>{item.why}</p> : null}
      {item.confirm.length > 0 && !begun ? (
        <p>
          <strong>Asks for a confirmation of its own:</strong> {item.confirm.join(" ")}
        </p>
      ) : null}
      {mode === "copy" && acts.changeItems && !item.is_skipped ? (
        <PrefixField key={item.prefix} item={item} changeItems={acts.changeItems} />
      ) : null}
      {item.later.length > 0 ? <Later item={item} takeLater={acts.takeLater} /> : null}
      {item.stays.length > 0 ? (
        <div>
          <h3 className={classes.heading}>Stays in the live policy, although the backup lacks it</h3>
          <ul>
            {item.stays.map(({ path, what }) => (
              <li key={`${path} ${what}`}>
                {what} <code className="tp-mono">{path}</code>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      <Loaded key={item.changed_at} item={item} tenantId={tenantId} />
      <div className={`${classes.links} tp-no-print`}>
        <Link className="tp-link" href={policyHref(sourceTenantId, { policy_type, graph_id: item.graph_id })}>
          History of the policy that is restored
        </Link>
        {item.live_graph_id && (tenantId !== sourceTenantId || item.live_graph_id !== item.graph_id) ? (
          <Link
            className="tp-link"
            href={policyHref(tenantId, { policy_type, graph_id: item.live_graph_id })}
          >
            History of the live policy
          </Link>
        ) : null}
      </div>
    </>
  );
}

/** What has become of it: faults with their remedy, leftovers by path, and Graph's numbers of the requests. */
function Outcome({ item }: { item: RestoreItem }) {
  const remedy = item.error_code ? errorRemedies[item.error_code] : undefined;
  return (
    <>
      {item.state === "done" ? <p>Written, read back, and equal to the backup.</p> : null}
      {item.state === "waiting_for_approval" && item.approval_since ? (
        <p>
          Sent <AbsoluteTime at={item.approval_since} />. In Intune, under Tenant administration, Multi Admin
          Approval, another administrator approves it; TenantPilot then sends the same request again.
        </p>
      ) : null}
      {item.error_message ? (
        <div role="note">
          <p>
            <strong>{item.error_message}</strong>{" "}
            {item.error_code ? <code className="tp-mono">{item.error_code}</code> : null}
          </p>
          {remedy ? <p className="tp-dim">{remedy}</p> : null}
        </div>
      ) : null}
      {item.differences && item.differences.length > 0 ? (
        <div>
          <h3 className={classes.heading}>After writing it still differs from the backup at</h3>
          <ul>
            {item.differences.map((path) => (
              <li key={path}>
                <code className="tp-mono">{path}</code>
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {item.request_ids.length > 0 ? (
        <div>
          <h3 className={classes.heading}>Microsoft Graph request ids</h3>
          <ul className={classes.requests}>
            {item.request_ids.map((id) => (
              <li key={id}>
                <CopyText text={id} label="the request id" />
              </li>
            ))}
          </ul>
        </div>
      ) : null}
    </>
  );
}

function Reasons({
  item,
  changeItems,
}: {
  item: RestoreItem;
  changeItems: RestoreActions["changeItems"] | null;
}) {
  return (
    <div>
      <h3 className={classes.heading}>What must be decided first</h3>
      <ul>
        {item.reasons.map((reason) => (
          <li key={`${reason.code} ${reason.path} ${reason.id ?? ""}`}>
            {reason.message}{" "}
            {reason.code === "secret" ? <code className="tp-mono">{reason.path}</code> : null}
            {reason.kind !== undefined ? (
              <a className="tp-link" href="#references">
                Decide it under References
              </a>
            ) : null}
            {reason.code === "secret" && changeItems ? (
              <SecretField item={item} path={reason.path} changeItems={changeItems} />
            ) : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

function SecretField({
  item,
  path,
  changeItems,
}: {
  item: RestoreItem;
  path: string;
  changeItems: RestoreActions["changeItems"];
}) {
  const { pending, run } = useAction();
  const [value, setValue] = useState("");
  return (
    <form
      className={`${classes.secret} tp-no-print`}
      onSubmit={(event) => {
        event.preventDefault();
        run(
          () => changeItems({ restore_id: item.restore_id, item_ids: [item.id], secrets: { [path]: value } }),
          { success: () => toast.success("The secret is stored encrypted until the restore has ended.") },
        );
      }}
    >
      <PasswordInput
        label="Value of the secret"
        description="Stored encrypted, and never shown again"
        value={value}
        onChange={(event) => setValue(event.currentTarget.value)}
        autoComplete="off"
        visibilityToggleButtonProps={{ "aria-label": "Show what you type" }}
        w="20rem"
        maw="100%"
      />
      <Button type="submit" variant="default" loading={pending} disabled={value === ""}>
        Use it
      </Button>
    </form>
  );
}

function PrefixField({
  item,
  changeItems,
}: {
  item: RestoreItem;
  changeItems: RestoreActions["changeItems"];
}) {
  const { pending, run } = useAction();
  const [prefix, setPrefix] = useState(item.prefix ?? "");
  return (
    <form
      className={`${classes.secret} tp-no-print`}
      onSubmit={(event) => {
        event.preventDefault();
        run(() => changeItems({ restore_id: item.restore_id, item_ids: [item.id], mode: "copy", prefix }), {
          success: () => toast.success("The prefix is changed."),
        });
      }}
    >
      <TextInput
        label="Prefix of the copy’s name"
        value={prefix}
        onChange={(event) => setPrefix(event.currentTarget.value)}
        maxLength={100}
        autoComplete="off"
        w="20rem"
        maw="100%"
      />
      <Button
        type="submit"
        variant="default"
        loading={pending}
        disabled={prefix === "" || prefix === item.prefix}
      >
        Change
      </Button>
    </form>
  );
}

/** The second step of a policy that is created without being enabled. */
function Later({ item, takeLater }: { item: RestoreItem; takeLater: RestoreActions["takeLater"] | null }) {
  const { pending, run } = useAction();
  const [asking, setAsking] = useState(false);
  const written = item.state === "done" || item.state === "done_with_differences";
  const failed = item.state === "failed" || item.state === "blocked";
  const due = item.later_taken_at === null ? written : failed;
  return (
    <div>
      <h3 className={classes.heading}>A second step</h3>
      <p>{item.later.join(" ")}</p>
      {item.later_taken_at ? (
        <p className="tp-dim">
          {failed ? "Tried" : "Taken"} by {item.later_taken_by}, <AbsoluteTime at={item.later_taken_at} />.
        </p>
      ) : null}
      {due && item.is_created && takeLater ? (
        <Button
          className="tp-no-print"
          mt="xs"
          variant="default"
          leftSection={<IconPower size={16} aria-hidden />}
          loading={pending}
          aria-label={`Enable now…: ${item.display_name}`}
          onClick={() => setAsking(true)}
        >
          Enable now…
        </Button>
      ) : null}
      {asking && takeLater ? (
        <ConfirmDialog
          title={`Enable “${item.display_name}”?`}
          confirmLabel="Enable the policy"
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            run(() => takeLater({ restore_id: item.restore_id, item_id: item.id }), {
              success: () => toast.success(`“${item.display_name}” is being enabled.`),
            });
          }}
        >
          From then on the policy decides who can sign in. Look at its report first: sign-in logs say whom it
          would have blocked. TenantPilot checks once more that the break-glass accounts are excluded.
        </ConfirmDialog>
      ) : null}
    </div>
  );
}

/** The differences and requests of a policy, read when it is unfolded. */
function Loaded({ item, tenantId }: { item: RestoreItem; tenantId: number }) {
  const [answer, setAnswer] = useState<Fetched<RestoreItemDetails> | null>(null);
  const [attempt, setAttempt] = useState(0);
  const path = `/api/tenants/${tenantId}/restores/${item.restore_id}/items/${item.id}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt reads again
  useEffect(() => {
    const abort = new AbortController();
    setAnswer(null);
    loadItem(path, abort.signal).then((found) => {
      if (!abort.signal.aborted) setAnswer(found);
    });
    return () => abort.abort();
  }, [path, attempt]);
  if (item.outcome === null) return <p className="tp-dim">What is live is still being read.</p>;
  if (!answer) {
    return (
      <div data-loading>
        <Loader size="sm" role="status" aria-label={`Loading the differences of ${item.display_name}`} />
      </div>
    );
  }
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
  const { changes, words, names, requests } = answer.data;
  const isNew = item.live_graph_id === null || item.mode === "copy";
  return (
    <>
      {changes.length > 0 ? (
        <div>
          <h3 className={classes.heading}>
            {isNew ? "What a new policy holds" : "From what was live to the backup"}
          </h3>
          <PolicyDiff comparison={{ identical: false, changes, words, names }} heading="h3" isNew={isNew} />
        </div>
      ) : item.outcome === "unchanged" ? (
        <p className="tp-dim">Live and backup say the same.</p>
      ) : null}
      {requests.length > 0 ? (
        <details>
          <summary>
            What is sent to Microsoft Graph:{" "}
            {requests.length === 1 ? "1 request" : `${requests.length} requests`}
          </summary>
          <ul className={classes.requests}>
            {requests.map(({ method, path: to }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the same request can be sent twice, in order
              <li key={index}>
                <code className="tp-mono">
                  {method} {to}
                </code>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

import { Button, Stack } from "@mantine/core";
import { IconDownload, IconGitCompare, IconHistory } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ProblemAlert } from "#components/feedback/problem-alert";
import { JsonDocument } from "#components/json/json-document";
import { RefersTo } from "#components/names/refers-to";
import { ButtonLink } from "#components/navigation/button-link";
import { policyHref } from "#components/navigation/href.ts";
import type { RestoreStart } from "#components/restore/start/restore-start.ts";
import { StartRestoreButton } from "#components/restore/start/start-restore-button";
import { bytesText } from "#components/ui/bytes.ts";
import { Facts } from "#components/ui/facts";
import { PhoneFold } from "#components/ui/phone-fold";
import { PolicySummary } from "#components/words/policy-summary";
import { findType } from "#lib/policies/catalog";
import type { BackupItemDetails } from "#lib/sets/items";
import type { DocumentNames } from "#lib/sets/names-of-document";
import type { PolicyWords } from "#lib/words/schema";
import { notesInWords, volatileInWords } from "./capture-notes.ts";
import { DocumentTabs } from "./document-tabs.tsx";
import classes from "./item-details.module.css";

/**
 * What is there to show of an item: its JSON, that it is large and to be fetched, or that it is damaged and how; what
 * the ids in it stand for, and all of it in words.
 */
export type ItemDocument =
  | { json: string; names: DocumentNames; words: PolicyWords }
  | { large: true; names: DocumentNames; words: PolicyWords }
  | { damage: string };

/** One stored policy: what tells it apart, what became of it, and its JSON. */
export function ItemDetails({
  tenantId,
  item,
  document,
  start,
  mayExport,
}: {
  tenantId: number;
  item: BackupItemDetails;
  document: ItemDocument;
  /** Null for roles that may not restore. */
  start: RestoreStart | null;
  /** Whether the viewer may take policies out of the tenant. */
  mayExport: boolean;
}) {
  const sets = `/tenants/${tenantId}/backup-sets`;
  const href = `${sets}/${item.set_id}/items/${item.id}`;
  const { previous } = item;
  const volatile = Object.keys(item.volatile);
  return (
    <Stack gap="md">
      <div className={classes.links}>
        <ButtonLink
          href={policyHref(tenantId, item)}
          variant="default"
          size="xs"
          leftSection={<IconHistory size={15} aria-hidden />}
        >
          History of this policy
        </ButtonLink>
        {previous?.item ? (
          <ButtonLink
            href={`${href}/compare?with_set=${previous.set_id}&with_item=${previous.item.id}`}
            variant="default"
            size="xs"
            leftSection={<IconGitCompare size={15} aria-hidden />}
          >
            Compare with the one before
          </ButtonLink>
        ) : null}
        {start && !("damage" in document) ? (
          <StartRestoreButton start={start} setId={item.set_id} policies={[policyOf(item)]} size="xs">
            Restore this policy…
          </StartRestoreButton>
        ) : null}
        {mayExport && item.policy_type === "settingsCatalogPolicy" && !("damage" in document) ? (
          <Button
            component="a"
            href={`/api${href}/portal-json`}
            download
            variant="default"
            size="xs"
            leftSection={<IconDownload size={15} aria-hidden />}
            title="In Intune: Devices, Configuration, Create, Import policy"
          >
            JSON for Intune’s portal
          </Button>
        ) : null}
        <span className={classes.since}>{sinceBefore(item)}</span>
      </div>
      {item.notes.length > 0 ? (
        <p className={classes.notes}>
          <strong>Not captured:</strong> {notesInWords(item.notes)}
        </p>
      ) : null}
      {/* On a phone the policy itself begins on the first screen. */}
      <PhoneFold label="Policy type, size, hash and names">
        <Stack gap="md">
          <Facts
            of={[
              ["Policy type", findType(item.policy_type)?.label ?? item.policy_type],
              item.bytes_logical === null ? null : ["Size", bytesText(item.bytes_logical)],
              ["Graph id", <Code key="id">{item.graph_id}</Code>],
              ["SHA-256", <Code key="hash">{item.sha256}</Code>],
            ]}
          />
          {"names" in document ? <RefersTo of={document.names} /> : null}
          {volatile.length > 0 ? (
            <p className={classes.aside}>
              Left out of the hash, because they change without the policy changing:{" "}
              {volatileInWords(volatile)}.
            </p>
          ) : null}
        </Stack>
      </PhoneFold>
      {"damage" in document ? (
        <ProblemAlert title="This stored policy is damaged">
          <p style={{ margin: 0 }}>
            {document.damage} It is not shown: nobody can say that this is what was captured.
          </p>
          <p style={{ margin: "0.5rem 0 0" }}>
            <strong>What to do:</strong> another version may be whole; see the history of this policy. Verify
            the set to learn what else is damaged.
          </p>
        </ProblemAlert>
      ) : (
        <DocumentTabs
          summary={<PolicySummary words={document.words} />}
          json={
            <JsonDocument
              json={"json" in document ? document.json : null}
              names={document.names.names}
              bytes={item.bytes_logical ?? 0}
              contentHref={`/api${href}/content`}
              fileName={`${item.display_name.replace(/[^\p{L}\p{N} ._-]+/gu, "_")}.json`}
            />
          }
        />
      )}
    </Stack>
  );
}

function policyOf({ policy_type, graph_id, display_name }: BackupItemDetails) {
  return { policy_type, graph_id, display_name };
}

function Code({ children }: { children: ReactNode }) {
  return <code className="tp-mono">{children}</code>;
}

/** What became of the policy since the set before, in words. */
function sinceBefore({ previous }: BackupItemDetails): string {
  if (!previous) return "In the first set of its schedule";
  if (!previous.item) return `Not in the set before (set ${previous.set_id})`;
  return previous.item.is_same
    ? `Unchanged since the set before (set ${previous.set_id})`
    : `Changed since the set before (set ${previous.set_id})`;
}

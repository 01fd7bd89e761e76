"use client";

import { Button, Group, Stack } from "@mantine/core";
import { IconBan, IconCheck, IconPlugConnected, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { type DataColumn, DataTable } from "#components/data-table/data-table";
import type { ActionOf } from "#components/feedback/action-result.ts";
import { ConfirmDialog } from "#components/feedback/dialogs/confirm.ts";
import { toast } from "#components/feedback/toast.ts";
import { useAction } from "#components/feedback/use-action.ts";
import { AbsoluteTime, RelativeTime } from "#components/time/instant";
import type { Tone } from "#components/ui/badge";
import { Facts } from "#components/ui/facts";
import { Panel } from "#components/ui/panel";
import { writeConnectionDays } from "#lib/limits";
import type { WriteConnectionTest, WriteConnectionView } from "#lib/restore/schema";
import type {
  forgetWriteConnection,
  saveWriteConnection,
  testWriteConnection,
} from "#lib/restore/write-connection";
import { noneSaved } from "../restore-words.ts";
import { WriteConnectionForm } from "./write-connection-form.tsx";
import classes from "./write-connection-panel.module.css";

/** The server actions on a tenant's connection for writing, but the one that ends it. */
export interface WriteConnectionActions {
  save: ActionOf<typeof saveWriteConnection>;
  test: ActionOf<typeof testWriteConnection>;
}

type Forget = ActionOf<typeof forgetWriteConnection>;

/** The connection for writing: saved for one restore or some hours, tried, and forgotten. */
export function WriteConnectionPanel({
  connection,
  actions,
  forget,
  isArchived,
}: {
  connection: WriteConnectionView | null;
  /** Null for roles that may only look, and in an archived tenant. */
  actions: WriteConnectionActions | null;
  /** Null for roles that may only look: it ends access, which is done in an archived tenant as well. */
  forget: Forget | null;
  /** Nothing is restored in an archived tenant, so nobody saves one. */
  isArchived: boolean;
}) {
  // The form is open where there is none, and stays open when another owner saves one meanwhile: somebody may be typing.
  const isNone = connection === null;
  const [wasNone, setWasNone] = useState(isNone);
  const [isFormOpen, setFormOpen] = useState(isNone);
  if (isNone !== wasNone) {
    setWasNone(isNone);
    if (isNone) setFormOpen(true);
  }
  return (
    <section id="writing" aria-label="Connection for writing">
      <Panel title="Connection for writing" flush>
        <div className={classes.body}>
          <Stack gap="md">
            <p className={`${classes.intro} ${classes.muted}`}>
              Backups read with the app registration above, which cannot change anything. A restore writes
              with a second one of the same Entra tenant. Save it when you need it: TenantPilot forgets it
              afterwards.
            </p>
            {connection ? (
              <>
                <ConnectionFacts connection={connection} />
                {actions || forget ? (
                  <Group gap="xs">
                    {actions ? (
                      <WritingActs
                        actions={actions}
                        replacing={isFormOpen}
                        onReplace={() => setFormOpen((before) => !before)}
                      />
                    ) : null}
                    {forget ? <ForgetButton forget={forget} isArchived={isArchived} /> : null}
                  </Group>
                ) : null}
              </>
            ) : actions ? null : (
              <p className={classes.intro}>{noneSaved(isArchived)}</p>
            )}
            {actions && (isNone || isFormOpen) ? (
              <WriteConnectionForm save={actions.save} onSaved={() => setFormOpen(false)} />
            ) : null}
          </Stack>
        </div>
        {connection?.test_result && connection.tested_at ? (
          <Preflight result={connection.test_result} testedAt={connection.tested_at} />
        ) : null}
      </Panel>
    </section>
  );
}

function ConnectionFacts({ connection }: { connection: WriteConnectionView }) {
  return (
    <Facts
      of={[
        ["Client id", connection.client_id],
        ["Credential", connection.credential_kind === "secret" ? "Client secret" : "Certificate"],
        [
          "Forgotten",
          connection.kept_until ? (
            <span key="kept">
              <RelativeTime at={connection.kept_until} /> (<AbsoluteTime at={connection.kept_until} />)
            </span>
          ) : (
            `After the next restore, and after ${writeConnectionDays} days at most`
          ),
        ],
        [
          "Saved",
          <span key="saved">
            <RelativeTime at={connection.saved_at} /> by {connection.saved_by}
          </span>,
        ],
      ]}
    />
  );
}

function WritingActs({
  actions,
  replacing,
  onReplace,
}: {
  actions: WriteConnectionActions;
  replacing: boolean;
  onReplace: () => void;
}) {
  const { pending, run } = useAction();
  return (
    <>
      <Button
        leftSection={<IconPlugConnected size={16} aria-hidden />}
        loading={pending}
        // What it found is said right below.
        onClick={() => run(() => actions.test({}))}
      >
        Test what may be written
      </Button>
      <Button variant="default" onClick={onReplace} aria-expanded={replacing}>
        Replace…
      </Button>
    </>
  );
}

function ForgetButton({ forget, isArchived }: { forget: Forget; isArchived: boolean }) {
  const { pending, run } = useAction();
  const [asking, setAsking] = useState(false);
  const stops = "Its secret is removed. A restore that is at work stops at its next policy";
  return (
    <>
      <Button variant="default" loading={pending} onClick={() => setAsking(true)}>
        Forget…
      </Button>
      {asking ? (
        <ConfirmDialog
          title="Forget the connection for writing?"
          confirmLabel="Forget it"
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            run(() => forget({}), {
              success: () => toast.success("The connection for writing is forgotten."),
            });
          }}
        >
          {isArchived
            ? `${stops}.`
            : `${stops} and can go on once another connection is saved. Backups go on as before.`}
        </ConfirmDialog>
      ) : null}
    </>
  );
}

type Row = WriteConnectionTest["types"][number];

const writableWords: Record<Row["writable"], { word: string; tone: Tone; rank: number }> = {
  permission_missing: { word: "Permission missing", tone: "danger", rank: 0 },
  not_by_applications: { word: "Not possible for applications", tone: "neutral", rank: 1 },
  never: { word: "Cannot be restored", tone: "neutral", rank: 2 },
  yes: { word: "May be written", tone: "success", rank: 3 },
};

const columns: DataColumn<Row>[] = [
  { key: "type", label: "Policy type", phone: "main", cell: ({ label }) => label },
  {
    key: "state",
    label: "State",
    tight: true,
    cell: ({ writable }) => {
      const { word, tone } = writableWords[writable];
      const Icon = writable === "yes" ? IconCheck : writable === "permission_missing" ? IconX : IconBan;
      return (
        <span className={classes.state} data-tone={tone}>
          <Icon size={14} stroke={2.25} aria-hidden /> {word}
        </span>
      );
    },
  },
  {
    key: "why",
    label: "Why",
    cell: ({ missing, why }) =>
      missing.length > 0 ? (
        <span className={classes.why}>
          Grant{" "}
          {missing.map((permission, index) => (
            <span key={permission}>
              {index > 0 ? ", " : ""}
              <code className="tp-mono">{permission}</code>
            </span>
          ))}
        </span>
      ) : (
        <span className={classes.why}>{why}</span>
      ),
  },
];

/** What the last preflight found: of each type, whether it may be written. */
function Preflight({ result, testedAt }: { result: WriteConnectionTest; testedAt: string }) {
  const rows = result.types.toSorted(
    (a, b) => writableWords[a.writable].rank - writableWords[b.writable].rank,
  );
  const may = rows.filter(({ writable }) => writable === "yes").length;
  return (
    <>
      <div className={classes.result} role="status">
        <strong>{result.ok ? "Signed in" : "Not signed in"}</strong>
        <span className="tp-dim">
          {" "}
          · tried <RelativeTime at={testedAt} />
        </span>
        <p>{result.message}</p>
      </div>
      {rows.length > 0 ? (
        <details className={classes.details}>
          <summary>
            {may} of {rows.length} policy types may be written
          </summary>
          <DataTable
            label="What may be written, by policy type"
            columns={columns}
            rows={rows}
            rowKey={(row) => row.policy_type}
            bare
          />
        </details>
      ) : null}
    </>
  );
}

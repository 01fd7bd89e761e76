import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import type { PlatformStatus } from "#lib/platform/status";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import { durationText } from "../time/format.ts";
import { AbsoluteTime, RelativeTime, TimeCell } from "../time/instant.tsx";
import { Badge } from "../ui/badge.tsx";
import { Facts } from "../ui/facts.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./platform.module.css";

type Check = PlatformStatus["checks"][number];
type Worker = PlatformStatus["workers"][number];
type Queue = PlatformStatus["queues"][number];

const partNames = {
  process: "Web server",
  database: "Database",
  migrations: "Migrations",
  guards: "Roles, row-level security and triggers",
  encryption_key: "Encryption key",
  worker: "Workers",
  live: "Live updates",
} satisfies Record<Check["part"], string>;

const checkColumns: DataColumn<Check>[] = [
  { key: "part", label: "Part", cell: ({ part }) => partNames[part], tight: true, phone: "main" },
  { key: "state", label: "State", cell: ({ ok }) => <State ok={ok} />, tight: true, phone: "corner" },
  { key: "message", label: "Finding", cell: ({ message }) => message },
];

const workerColumns: DataColumn<Worker>[] = [
  {
    key: "name",
    label: "Worker",
    cell: ({ name }) => <span className={classes.name}>{name}</span>,
    tight: true,
    phone: "main",
  },
  {
    key: "state",
    label: "State",
    cell: ({ is_alive }) => <State ok={is_alive} words={is_alive ? "Alive" : "Gone"} />,
    tight: true,
    phone: "corner",
  },
  { key: "seen", label: "Last seen", cell: ({ seen_at }) => <TimeCell at={seen_at} /> },
  { key: "started", label: "Started", cell: ({ started_at }) => <TimeCell at={started_at} /> },
];

const queueColumns: DataColumn<Queue>[] = [
  {
    key: "name",
    label: "Queue",
    cell: ({ name }) => <span className={classes.name}>{name}</span>,
    phone: "main",
  },
  { key: "waiting", label: "Waiting", align: "end", cell: ({ waiting }) => waiting.toLocaleString("en") },
  { key: "active", label: "Active", align: "end", cell: ({ active }) => active.toLocaleString("en") },
  {
    key: "oldest",
    label: "Oldest waits",
    align: "end",
    cell: ({ oldest_waiting_seconds: seconds }) => (seconds === null ? "–" : durationText(seconds * 1_000)),
  },
];

/** What an operator looks at when something is slow, or nothing happens. */
export function PlatformStatusPanels({ status }: { status: PlatformStatus }) {
  const { versions, last_dispatch_at, oldest_waiting_run_at } = status;
  return (
    <>
      <Panel title="Activity">
        <Facts
          of={[
            [
              "Last dispatch",
              last_dispatch_at ? (
                <RelativeTime key="dispatch" at={last_dispatch_at} />
              ) : (
                "None within the last hour"
              ),
            ],
            ["Schedules that will be due", status.schedules_enabled.toLocaleString("en")],
            ["Due and not dispatched", status.schedules_due.toLocaleString("en")],
            ["Runs that a worker executes", status.runs_active.toLocaleString("en")],
            ["Runs that wait", status.runs_waiting.toLocaleString("en")],
            [
              "Waiting longest",
              oldest_waiting_run_at ? <AbsoluteTime key="oldest" at={oldest_waiting_run_at} /> : "None waits",
            ],
            ["Version", versions.service],
            ["Last migration", versions.schema ?? "None"],
          ]}
        />
      </Panel>
      <div className={classes.part}>
        <Panel title="Checks" flush>
          <DataTable
            label="Checks"
            columns={checkColumns}
            rows={status.checks}
            rowKey={({ part }) => part}
            bare
          />
        </Panel>
      </div>
      <div className={classes.part}>
        <Panel title="Workers" flush={status.workers.length > 0}>
          {status.workers.length > 0 ? (
            <DataTable
              label="Workers"
              columns={workerColumns}
              rows={status.workers}
              rowKey={({ name }) => name}
              bare
            />
          ) : (
            "No worker has shown itself within the last hour. Start one with npm run worker: without one nothing is backed up."
          )}
        </Panel>
      </div>
      <div className={classes.part}>
        <Panel title="Queues" flush>
          <DataTable
            label="Queues"
            columns={queueColumns}
            rows={status.queues}
            rowKey={({ name }) => name}
            bare
          />
        </Panel>
      </div>
    </>
  );
}

function State({ ok, words = ok ? "OK" : "Fault" }: { ok: boolean; words?: string }) {
  return (
    <Badge
      tone={ok ? "success" : "danger"}
      icon={ok ? <IconCircleCheck size={14} aria-hidden /> : <IconCircleX size={14} aria-hidden />}
    >
      {words}
    </Badge>
  );
}

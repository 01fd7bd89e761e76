"use client";

import { Button, Group } from "@mantine/core";
import { IconAlertOctagon, IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import type { acknowledgeIncident, snoozeIncident } from "#lib/alerts/incidents";
import { alertLabel } from "#lib/alerts/kinds";
import type { IncidentView } from "#lib/alerts/schema";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import type { ActionOf } from "../feedback/action-result.ts";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { Link } from "../navigation/link.tsx";
import { useNow } from "../time/clock.tsx";
import { RelativeTime } from "../time/instant.tsx";
import { Badge } from "../ui/badge.tsx";
import { Panel } from "../ui/panel.tsx";

interface IncidentActions {
  acknowledge: ActionOf<typeof acknowledgeIncident>;
  snooze: ActionOf<typeof snoozeIncident>;
}

const looks = {
  info: { tone: "info", icon: <IconInfoCircle size={14} aria-hidden /> },
  warning: { tone: "warning", icon: <IconAlertTriangle size={14} aria-hidden /> },
  critical: { tone: "danger", icon: <IconAlertOctagon size={14} aria-hidden /> },
} as const;
/** From a click in the evening to the next morning. */
const snoozeHours = 12;

/** What is wrong now; first of it what somebody comes from an alert for. */
export function IncidentsPanel({
  incidents,
  told,
  isAll,
  mayAct,
  actions,
}: {
  incidents: readonly IncidentView[];
  /** The incident of the alert that led here. */
  told: number | null;
  /** Whether these are all that are open. */
  isAll: boolean;
  mayAct: boolean;
  actions: IncidentActions;
}) {
  const now = useNow();
  const { pending, run } = useAction();
  const isSnoozed = ({ snoozed_until }: IncidentView) =>
    snoozed_until !== null && Date.parse(snoozed_until) > now;
  const columns: DataColumn<IncidentView>[] = [
    {
      key: "what",
      label: "What",
      phone: "main",
      cell: (incident) => (
        // One thing on a phone, where the parts of a cell stand side by side.
        <div>
          {incident.link ? <Link href={incident.link}>{incident.title}</Link> : incident.title}
          <div className="tp-dim">{incident.body}</div>
          {incident.id === told ? <strong>This is what your alert tells of.</strong> : null}
        </div>
      ),
    },
    {
      key: "severity",
      label: "Severity",
      tight: true,
      cell: ({ severity, kind }) => (
        <Badge {...looks[severity]} title={alertLabel(kind)}>
          {severity}
        </Badge>
      ),
    },
    {
      key: "since",
      label: "Since",
      tight: true,
      cell: ({ opened_at, count }) => (
        <div>
          <RelativeTime at={opened_at} />
          {count > 1 ? <div className="tp-dim">{count} times</div> : null}
        </div>
      ),
    },
    {
      key: "state",
      label: "State",
      tight: true,
      cell: (incident) =>
        isSnoozed(incident)
          ? "Snoozed"
          : incident.acknowledged_at
            ? `Acknowledged${incident.acknowledged_by ? ` by ${incident.acknowledged_by}` : ""}`
            : "Open",
    },
    ...(mayAct
      ? [
          {
            key: "actions",
            label: "Actions",
            tight: true,
            cell: (incident: IncidentView) => (
              <Group gap="xs" wrap="nowrap" justify="flex-end">
                {incident.acknowledged_at ? null : (
                  <Button
                    size="compact-sm"
                    variant="default"
                    disabled={pending}
                    aria-label={`Acknowledge ${incident.title}`}
                    onClick={() => run(() => actions.acknowledge({ incident_id: incident.id }))}
                  >
                    Acknowledge
                  </Button>
                )}
                <Button
                  size="compact-sm"
                  variant="default"
                  disabled={pending}
                  aria-label={`${isSnoozed(incident) ? "Wake" : `Snooze ${snoozeHours} h`}: ${incident.title}`}
                  onClick={() =>
                    run(
                      () =>
                        actions.snooze({
                          incident_id: incident.id,
                          hours: isSnoozed(incident) ? 0 : snoozeHours,
                        }),
                      {
                        success: ({ snoozed_until }) =>
                          toast.success(
                            snoozed_until ? `It is quiet for ${snoozeHours} hours.` : "It is told again.",
                          ),
                      },
                    )
                  }
                >
                  {isSnoozed(incident) ? "Wake" : `Snooze ${snoozeHours} h`}
                </Button>
              </Group>
            ),
          },
        ]
      : []),
  ];
  const rows = incidents.toSorted((one, other) => Number(other.id === told) - Number(one.id === told));
  const isOver = told !== null && isAll && !incidents.some(({ id }) => id === told);
  return (
    <Panel title="What is wrong now" flush={incidents.length > 0 && !isOver}>
      {isOver ? <p style={{ marginTop: 0 }}>What your alert tells of is over.</p> : null}
      {incidents.length === 0 ? (
        <p style={{ margin: 0 }}>Nothing.</p>
      ) : (
        <DataTable
          label="What is wrong now"
          columns={columns}
          rows={rows}
          rowKey={(incident) => incident.id}
          bare
        />
      )}
    </Panel>
  );
}

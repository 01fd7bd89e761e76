"use client";

import { Button, Group } from "@mantine/core";
import { useState } from "react";
import type { DeliveryView } from "#lib/delivery/deliveries";
import { type DataColumn, DataTable } from "../data-table/data-table.tsx";
import type { Action } from "../feedback/action-result.ts";
import { useAction } from "../feedback/use-action.ts";
import { RelativeTime } from "../time/instant.tsx";
import { Panel } from "../ui/panel.tsx";
import { SentDialog } from "./sent-dialog.tsx";

const states = {
  pending: "Pending",
  delivered: "Delivered",
  failed: "Given up",
  dropped: "Dropped",
} as const;

/** Those of the platform say of which tenant. */
type Shown = DeliveryView & { tenant_name?: string | null };

/** The newest of what was sent, and what came of it. */
export function DeliveriesPanel({
  deliveries,
  actions,
}: {
  deliveries: readonly Shown[];
  actions: {
    redeliver: Action<{ delivery_id: number }, unknown>;
    /** Of all tenants nothing more is to be shown. */
    showDelivery?: Action<{ delivery_id: number }, { request: string | null }>;
  };
}) {
  const { pending, run } = useAction();
  const [sent, setSent] = useState<{ of: Shown; request: string | null; opener: HTMLElement } | null>(null);
  const { redeliver, showDelivery } = actions;
  const columns: DataColumn<Shown>[] = [
    {
      key: "what",
      label: "What",
      phone: "main",
      cell: ({ title, tenant_name }) => (tenant_name ? `${title}: ${tenant_name}` : title),
    },
    { key: "to", label: "To", tight: true, cell: ({ target_name }) => target_name },
    {
      key: "state",
      label: "State",
      cell: ({ state, answer_status, answer, next_at }) => (
        <>
          {states[state]}
          {state === "pending" && next_at ? (
            <>
              , next <RelativeTime at={next_at} />
            </>
          ) : null}
          {answer === null ? null : (
            <div className="tp-dim" style={{ overflowWrap: "anywhere" }}>
              {answer_status === null ? "" : `HTTP ${answer_status}: `}
              {answer.slice(0, 200)}
            </div>
          )}
        </>
      ),
    },
    { key: "attempts", label: "Attempts", tight: true, align: "end", cell: ({ attempts }) => attempts },
    { key: "when", label: "When", tight: true, cell: ({ created_at }) => <RelativeTime at={created_at} /> },
    {
      key: "actions",
      label: "Actions",
      tight: true,
      cell: (delivery) => (
        <Group gap="xs" wrap="nowrap" justify="flex-end">
          {showDelivery ? (
            <Button
              size="compact-sm"
              variant="default"
              disabled={pending}
              aria-label={`Show ${delivery.title} to ${delivery.target_name}`}
              onClick={({ currentTarget: opener }) =>
                run(() => showDelivery({ delivery_id: delivery.id }), {
                  success: ({ request }) => setSent({ of: delivery, request, opener }),
                  refresh: false,
                })
              }
            >
              Show
            </Button>
          ) : null}
          {delivery.state === "pending" ? null : (
            <Button
              size="compact-sm"
              variant="default"
              disabled={pending}
              aria-label={`Redeliver ${delivery.title} to ${delivery.target_name}`}
              onClick={() => run(() => redeliver({ delivery_id: delivery.id }))}
            >
              Redeliver
            </Button>
          )}
        </Group>
      ),
    },
  ];
  return (
    <Panel title="What was sent" flush={deliveries.length > 0}>
      {deliveries.length === 0 ? (
        <p style={{ margin: 0 }}>Nothing yet.</p>
      ) : (
        <DataTable
          label="What was sent"
          columns={columns}
          rows={deliveries}
          rowKey={(delivery) => delivery.id}
          bare
        />
      )}
      {sent ? (
        <SentDialog
          title={sent.of.title}
          request={sent.request}
          opener={sent.opener}
          onClose={() => setSent(null)}
        />
      ) : null}
    </Panel>
  );
}

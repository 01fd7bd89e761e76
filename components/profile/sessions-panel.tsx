"use client";

import { Button } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { SessionView } from "#lib/access/session-view";
import type { Action, ActionResult } from "../feedback/action-result.ts";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import { AbsoluteTime, RelativeTime } from "../time/instant.tsx";
import { Badge } from "../ui/badge.tsx";
import { Panel } from "../ui/panel.tsx";
import classes from "./profile.module.css";

export interface SessionActions {
  end: Action<{ session_id: number }, void>;
  endOthers: () => Promise<ActionResult<{ ended: number }>>;
}

/** Where one is signed in, and how to end it. */
export function SessionsPanel({
  sessions,
  actions,
}: {
  sessions: readonly SessionView[];
  actions: SessionActions;
}) {
  const { pending, run } = useAction();
  const others = sessions.filter(({ is_current }) => !is_current);
  const endOthers = () =>
    run(actions.endOthers, { success: () => toast.success("You are signed out everywhere else.") });
  return (
    <Panel
      title="Sessions"
      action={
        others.length > 0 ? (
          <Button size="compact-sm" variant="default" flex="none" disabled={pending} onClick={endOthers}>
            Sign out everywhere else
          </Button>
        ) : null
      }
    >
      <ul className={classes.sessions} aria-label="Where you are signed in">
        {sessions.map((session) => (
          <li key={session.id} className={classes.session}>
            <div>
              <strong>{session.device ?? "Unknown device"}</strong>
              {session.is_current ? (
                <>
                  {" "}
                  <Badge tone="success" icon={<IconCheck size={12} aria-hidden />} close>
                    This device
                  </Badge>
                </>
              ) : null}
              <p className={classes.note}>
                {session.address ? `From ${session.address}, ` : ""}
                {session.address ? "last" : "Last"} seen <RelativeTime at={session.last_seen_at} />
              </p>
              <p className={classes.note}>
                Signed in <AbsoluteTime at={session.created_at} />
              </p>
            </div>
            {session.is_current ? null : (
              <Button
                size="compact-sm"
                variant="default"
                disabled={pending}
                aria-label={`End the session of ${session.device ?? "an unknown device"}`}
                onClick={() =>
                  run(() => actions.end({ session_id: session.id }), {
                    success: () => toast.success("The session has ended."),
                  })
                }
              >
                End
              </Button>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

"use client";

import { Button, Group, Modal, Progress, Stack } from "@mantine/core";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { useReturnFocus } from "#components/feedback/dialogs/use-return-focus.ts";
import { toast } from "#components/feedback/toast.ts";
import { unreachable } from "#components/feedback/use-action.ts";
import { Link } from "#components/navigation/link";
import { counted } from "#lib/counted";
import type { VerifiedSet } from "#lib/integrity/verify";
import { verifyTogether } from "#lib/sets/schema";
import type { VerifyAllActions } from "../actions.ts";
import classes from "./verify-all-dialog.module.css";

type State =
  | { step: "asking" }
  | { step: "working"; total: number | null; done: number; damaged: VerifiedSet[] }
  | { step: "ended"; total: number; done: number; damaged: VerifiedSet[] };

/**
 * Goes through the tenant's sets some at a time, so that one sees how far it is and may stop: what has been verified
 * keeps its result.
 */
export function VerifyAllDialog({
  tenantId,
  actions,
  onClose,
}: {
  tenantId: number;
  actions: VerifyAllActions;
  onClose: () => void;
}) {
  useReturnFocus();
  const router = useRouter();
  const [state, setState] = useState<State>({ step: "asking" });
  const stopped = useRef(false);
  useEffect(
    () => () => {
      stopped.current = true;
    },
    [],
  );

  const begin = async () => {
    stopped.current = false;
    setState({ step: "working", total: null, done: 0, damaged: [] });
    const ids = await attempt(() => actions.find({ unverified_for_hours: 0 }));
    if (!ids) return setState({ step: "asking" });
    const damaged: VerifiedSet[] = [];
    let done = 0;
    for (let from = 0; from < ids.length && !stopped.current; from += verifyTogether) {
      setState({ step: "working", total: ids.length, done, damaged: [...damaged] });
      const set_ids = ids.slice(from, from + verifyTogether);
      const verified = await attempt(() => actions.verify({ set_ids }));
      if (!verified) break;
      done += set_ids.length;
      damaged.push(...verified.filter((set) => set.status === "damaged"));
    }
    router.refresh();
    setState({ step: "ended", total: ids.length, done, damaged });
  };
  const close = () => {
    stopped.current = true;
    onClose();
  };

  return (
    <Modal opened onClose={close} title="Verify all backup sets" centered>
      <Stack gap="lg">
        {state.step === "asking" ? (
          <div>
            Every kept set is read back in full: the hash of each stored policy is computed anew, and compared
            with what was recorded when it was captured. Nothing is changed. This may take minutes when there
            are many sets.
          </div>
        ) : (
          <div role="status">
            <Progress
              value={state.total ? (state.done / state.total) * 100 : state.step === "ended" ? 100 : 0}
              animated={state.step === "working"}
              aria-label="Sets verified"
              color={state.damaged.length > 0 ? "red.8" : "teal.8"}
              mb="xs"
            />
            <p className={classes.words}>{wordsOf(state)}</p>
            {state.damaged.length > 0 ? (
              <ul className={classes.damaged}>
                {state.damaged.map((set) => (
                  <li key={set.set_id}>
                    <Link
                      className="tp-link"
                      href={`/tenants/${tenantId}/backup-sets/${set.set_id}`}
                      onClick={close}
                    >
                      Set {set.set_id}
                    </Link>
                    : {set.faults[0]?.message}
                  </li>
                ))}
              </ul>
            ) : null}
          </div>
        )}
        <Group justify="flex-end" gap="xs">
          {state.step === "asking" ? (
            <>
              <Button variant="default" onClick={close}>
                Not now
              </Button>
              <Button onClick={begin} data-autofocus>
                Verify all
              </Button>
            </>
          ) : state.step === "working" ? (
            <Button
              variant="default"
              onClick={() => {
                stopped.current = true;
              }}
            >
              Stop
            </Button>
          ) : (
            <Button onClick={close}>Close</Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function wordsOf(state: Exclude<State, { step: "asking" }>): string {
  if (state.step === "working") {
    return state.total === null
      ? "Looking up the sets…"
      : `${state.done} of ${counted(state.total, "set")} verified`;
  }
  if (state.total === 0) return "There is no set to verify.";
  const scope =
    state.done !== state.total
      ? `${state.done} of ${counted(state.total, "set")}`
      : state.total === 1
        ? "The one set is"
        : `All ${state.total} sets`;
  const found =
    state.damaged.length === 0
      ? "no damage found."
      : state.damaged.length === 1
        ? "one is damaged."
        : `${state.damaged.length} are damaged.`;
  return `${scope} verified: ${found}`;
}

/** The answer of an action, or null once the problem has been told. */
async function attempt<T>(
  call: () => Promise<{ ok: true; data: T } | { ok: false; problem: Parameters<typeof toast.problem>[0] }>,
): Promise<T | null> {
  const result = await call().catch(() => null);
  if (result?.ok) return result.data;
  toast.problem(result?.problem ?? unreachable);
  return null;
}

"use client";

import { Button } from "@mantine/core";
import { IconRestore } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { BackupSetView } from "#lib/sets/schema";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import type { SetActions } from "./actions.ts";
import { Restored } from "./use-set-acts.tsx";

const RestoreDialog = dynamic(() => import("./set-dialogs.tsx").then((module) => module.RestoreDialog), {
  ssr: false,
});

/** Takes a set out of the bin, after a question in words. */
export function RestoreButton({
  set,
  restore,
  size = "compact-sm",
}: {
  set: BackupSetView;
  restore: SetActions["restore"];
  size?: "compact-sm" | "sm";
}) {
  const { pending, run } = useAction();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        size={size}
        variant="default"
        leftSection={<IconRestore size={15} aria-hidden />}
        loading={pending}
        aria-label={`Restore set ${set.id}`}
        onClick={() => setAsking(true)}
      >
        Restore
      </Button>
      {asking ? (
        <RestoreDialog
          set={set}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            run(() => restore({ set_id: set.id }), { success: () => toast.success(<Restored set={set} />) });
          }}
        />
      ) : null}
    </>
  );
}

"use client";

import { Button } from "@mantine/core";
import { IconFolderUp } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { BackupSetView } from "#lib/sets/schema";
import { toast } from "../feedback/toast.ts";
import { useAction } from "../feedback/use-action.ts";
import type { SetActions } from "./actions.ts";
import { TakenOut } from "./use-set-acts.tsx";

const UnbinDialog = dynamic(() => import("./set-dialogs.tsx").then((module) => module.UnbinDialog), {
  ssr: false,
});

/** Takes a set out of the bin, after a question in words. */
export function UnbinButton({
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
        leftSection={<IconFolderUp size={15} aria-hidden />}
        loading={pending}
        aria-label={`Take out of the bin: set ${set.id}`}
        onClick={() => setAsking(true)}
      >
        Take out of the bin
      </Button>
      {asking ? (
        <UnbinDialog
          set={set}
          onClose={() => setAsking(false)}
          onConfirm={() => {
            setAsking(false);
            run(() => restore({ set_id: set.id }), { success: () => toast.success(<TakenOut set={set} />) });
          }}
        />
      ) : null}
    </>
  );
}

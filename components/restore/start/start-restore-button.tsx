"use client";

import { Button } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import type { ChosenPolicy, RestoreStart } from "./restore-start.ts";

const StartDialog = dynamic(() => import("./start-dialog.tsx").then((module) => module.StartDialog), {
  ssr: false,
});

/** Asks where and how some policies are restored, and goes to the plan. */
export function StartRestoreButton({
  start,
  setId,
  policies,
  size = "sm",
  label,
  children,
}: {
  start: RestoreStart;
  setId: number;
  policies: readonly ChosenPolicy[];
  size?: "compact-xs" | "xs" | "sm";
  /** For screen readers, where the words do not say what is restored. */
  label?: string;
  children: ReactNode;
}) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        className="tp-no-print"
        variant="default"
        size={size}
        leftSection={<IconArrowBackUp size={size === "sm" ? 16 : 15} aria-hidden />}
        aria-label={label}
        onClick={() => setAsking(true)}
      >
        {children}
      </Button>
      {asking ? (
        <StartDialog start={start} setId={setId} policies={policies} onClose={() => setAsking(false)} />
      ) : null}
    </>
  );
}

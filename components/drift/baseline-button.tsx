"use client";

import { Button } from "@mantine/core";
import { IconRulerMeasure } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import type { BaselineActions } from "./actions.ts";
import type { BaselineChoice } from "./baseline-dialog.tsx";

const BaselineDialog = dynamic(
  () => import("./baseline-dialog.tsx").then((module) => module.BaselineDialog),
  { ssr: false },
);

/** Asks which policies the tenant shall have, and makes them its baseline. */
export function BaselineButton({
  choice,
  set,
  size = "sm",
  variant = "default",
  children,
}: {
  choice: BaselineChoice;
  set: BaselineActions["set"];
  size?: "xs" | "sm";
  variant?: "default" | "filled";
  children: ReactNode;
}) {
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Button
        className="tp-no-print"
        size={size}
        variant={variant}
        leftSection={<IconRulerMeasure size={size === "sm" ? 16 : 15} aria-hidden />}
        onClick={() => setAsking(true)}
      >
        {children}
      </Button>
      {asking ? <BaselineDialog choice={choice} set={set} onClose={() => setAsking(false)} /> : null}
    </>
  );
}

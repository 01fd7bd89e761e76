"use client";

import { Alert } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";

/** A problem that stays on the page until it is fixed. */
export function ProblemAlert({
  title,
  reveal = false,
  children,
}: {
  title: string;
  /** Scrolls to itself when it appears: what was done to cause it may be far down the page. */
  reveal?: boolean;
  children: ReactNode;
}) {
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (reveal) root.current?.scrollIntoView({ block: "nearest" });
  }, [reveal]);
  return (
    <Alert
      ref={root}
      role="alert"
      variant="outline"
      color="red"
      icon={<IconAlertTriangle aria-hidden />}
      title={title}
      styles={{
        title: { color: "var(--mantine-color-error)" },
        icon: { color: "var(--mantine-color-error)" },
      }}
    >
      {children}
    </Alert>
  );
}

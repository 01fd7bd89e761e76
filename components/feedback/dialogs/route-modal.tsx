"use client";

import { Modal } from "@mantine/core";
import { useRouter } from "next/navigation";
import type { ReactNode } from "react";
import { useReturnFocus } from "./use-return-focus.ts";

/** A page shown in a modal over the list it was opened from; closing it goes back to that list. */
export function RouteModal({ title, children }: { title: ReactNode; children: ReactNode }) {
  const router = useRouter();
  useReturnFocus();
  return (
    <Modal
      opened
      onClose={() => router.back()}
      title={title}
      size="min(60rem, 96vw)"
      styles={{
        title: { fontSize: "var(--mantine-font-size-lg)" },
        content: { overscrollBehavior: "contain" },
      }}
      transitionProps={{ duration: 120 }}
    >
      {children}
    </Modal>
  );
}

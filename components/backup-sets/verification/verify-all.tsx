"use client";

import { Button } from "@mantine/core";
import { IconShieldSearch } from "@tabler/icons-react";
import dynamic from "next/dynamic";
import { useState } from "react";
import type { VerifyAllActions } from "../actions.ts";

const VerifyAllDialog = dynamic(
  () => import("./verify-all-dialog.tsx").then((module) => module.VerifyAllDialog),
  {
    ssr: false,
  },
);

/** Verifies every kept set of the tenant. */
export function VerifyAll({ tenantId, actions }: { tenantId: number; actions: VerifyAllActions }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconShieldSearch size={16} aria-hidden />}
        onClick={() => setOpened(true)}
      >
        Verify all
      </Button>
      {opened ? (
        <VerifyAllDialog tenantId={tenantId} actions={actions} onClose={() => setOpened(false)} />
      ) : null}
    </>
  );
}

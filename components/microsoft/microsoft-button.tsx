"use client";

import { Button, Stack } from "@mantine/core";
import { IconBrandWindows } from "@tabler/icons-react";
import { useState } from "react";
import { ProblemAlert } from "../feedback/problem-alert.tsx";
import { useHydrated } from "../form/use-hydrated.ts";
import { toMicrosoft } from "./to-microsoft.ts";

/** Goes to Microsoft and comes back to `next`. */
export function MicrosoftButton({
  label,
  begin,
  next,
  problem,
}: {
  label: string;
  /** Notes what the person wants there. */
  begin: () => Promise<void>;
  next: string;
  /** What went wrong the last time. */
  problem: string | null;
}) {
  const hydrated = useHydrated();
  const [pending, setPending] = useState(false);
  const [failed, setFailed] = useState(false);
  const go = () => {
    setPending(true);
    setFailed(false);
    begin()
      .then(() => toMicrosoft(next))
      .catch(() => {
        setPending(false);
        setFailed(true);
      });
  };
  const said = failed ? "This service cannot be reached. Try again in a moment." : problem;
  return (
    <Stack gap="md">
      {said ? <ProblemAlert title="Microsoft did not let you in">{said}</ProblemAlert> : null}
      <Button
        variant="default"
        size="md"
        fullWidth
        leftSection={<IconBrandWindows size={18} aria-hidden />}
        loading={pending}
        disabled={!hydrated}
        onClick={go}
      >
        {label}
      </Button>
    </Stack>
  );
}

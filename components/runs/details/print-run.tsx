"use client";

import { Button } from "@mantine/core";
import { IconPrinter } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useHourClock, useViewerZone } from "#components/time/clock";
import { fullText } from "#components/time/format.ts";
import classes from "./print-run.module.css";

/** Prints the page. */
export function PrintButton() {
  return (
    <Button
      className="tp-no-print"
      variant="default"
      leftSection={<IconPrinter size={16} aria-hidden />}
      onClick={() => window.print()}
    >
      Print
    </Button>
  );
}

/** On paper only: where this report is from, and the instant it was printed. */
export function PrintedFrom({ title, tenant }: { title: string; tenant: string }) {
  const zone = useViewerZone();
  const clock = useHourClock();
  const [printed, setPrinted] = useState<{ at: number; url: string } | null>(null);
  useEffect(() => {
    const note = () => setPrinted({ at: Date.now(), url: window.location.href });
    note();
    // What is on the paper must be there before the browser takes its picture of the page.
    const beforePrint = () => flushSync(note);
    window.addEventListener("beforeprint", beforePrint);
    return () => window.removeEventListener("beforeprint", beforePrint);
  }, []);
  return (
    <div className={classes.printed} aria-hidden>
      <strong>
        TenantPilot, {title}, {tenant}
      </strong>
      {printed ? (
        <>
          <span>Printed {fullText(printed.at, zone, clock)}</span>
          <span>{printed.url}</span>
        </>
      ) : null}
    </div>
  );
}

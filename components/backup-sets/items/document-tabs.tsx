"use client";

import { SegmentedControl } from "@mantine/core";
import { useSearchParams } from "next/navigation";
import { type ReactNode, useState } from "react";
import classes from "./item-details.module.css";

const tabs = [
  { value: "summary", label: "Summary" },
  { value: "json", label: "JSON" },
];

/** A policy in words, or as it is stored. The page's address keeps which. */
export function DocumentTabs({ summary, json }: { summary: ReactNode; json: ReactNode }) {
  const asked = useSearchParams().get("view") === "json" ? "json" : "summary";
  const [tab, setTab] = useState(asked);
  const choose = (value: string) => {
    setTab(value);
    const url = new URL(window.location.href);
    if (value === "summary") url.searchParams.delete("view");
    else url.searchParams.set("view", value);
    window.history.replaceState(null, "", url);
  };
  return (
    <>
      <SegmentedControl
        className={classes.tabs ?? ""}
        size="xs"
        data={tabs}
        value={tab}
        onChange={choose}
        aria-label="How to show the policy"
      />
      {tab === "json" ? json : summary}
    </>
  );
}

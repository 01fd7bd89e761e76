"use client";

import { useEffect } from "react";

/** Closes the tab, where a script opened it; browsers keep all others. */
export function CloseTab() {
  useEffect(() => window.close(), []);
  return null;
}

"use client";

import { useEffect } from "react";
import { noteUnsaved } from "./unsaved.ts";

/**
 * Keeps what stands in a dialog, or in a form below a list, when the session ends: the page stays, and its person signs in
 * beside it (`SessionEnded`). What links and Back must not leave behind has `UnsavedChanges`, which asks as well.
 * @param dirty whether there is something to lose
 */
export function useNoteUnsaved(dirty: boolean): void {
  useEffect(() => (dirty ? noteUnsaved() : undefined), [dirty]);
}

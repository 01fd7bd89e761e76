import { overlaysId } from "./theme.ts";

/** Where dialogs and menus appear. A page without the frame that opens any has this in it. */
export function Overlays() {
  return <section id={overlaysId} aria-label="Dialogs and menus" />;
}

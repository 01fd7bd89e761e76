/** What a place on a page can be: the keyboard goes on within it. */
const homes = "tr, li, section, [role='dialog'], #main";

/** Where the focus is: what has it, then the row, the panel, the dialog and the page that this is in. Empty where nothing has it. */
export function placesOf(focused: EventTarget | null): HTMLElement[] {
  if (!(focused instanceof HTMLElement) || focused === document.body) return [];
  const places = [focused];
  for (let at = homeOf(focused); at; at = homeOf(at)) places.push(at);
  return places;
}

function homeOf(element: HTMLElement): HTMLElement | null {
  return element.parentElement?.closest<HTMLElement>(homes) ?? null;
}

/**
 * Gives the focus back where it was lost: to what had it, or, when that is gone with what it did, to the nearest of its places
 * that is still there. So the keyboard goes on where it was, and not at the top of the page.
 * @param places from {@link placesOf}, before it was lost
 */
export function giveFocusBack(places: readonly HTMLElement[]): void {
  const [own, ...around] = places;
  if (!own || !isLost()) return;
  own.focus({ preventScroll: true });
  for (const place of around) {
    if (!isLost()) return;
    if (place.isConnected) focusPlace(place);
  }
  const main = document.getElementById("main");
  if (isLost() && main) focusPlace(main);
}

function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** A place is no stop of the keyboard but for this once. */
function focusPlace(place: HTMLElement): void {
  if (!place.hasAttribute("tabindex")) {
    place.tabIndex = -1;
    place.addEventListener("blur", () => place.removeAttribute("tabindex"), { once: true });
  }
  place.focus({ preventScroll: true });
}

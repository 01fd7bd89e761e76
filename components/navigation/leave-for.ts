/**
 * Goes to another page as a click on a link would: who guards unsaved changes is asked first.
 * @param push does the going
 */
export function leaveFor(href: string, push: (href: string) => void): void {
  const link = document.createElement("a");
  link.href = href;
  link.addEventListener("click", (event) => {
    event.preventDefault();
    push(href);
  });
  document.body.append(link);
  link.click();
  link.remove();
}

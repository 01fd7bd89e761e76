/**
 * Leaves for Microsoft's sign-in page. Not as a form that is sent: the content security policy lets forms go nowhere else.
 * @param next the path to come back to
 */
export async function toMicrosoft(next: string): Promise<void> {
  const { csrfToken } = await read<{ csrfToken: string }>(fetch("/api/auth/csrf"));
  const body = new URLSearchParams({ csrfToken, callbackUrl: next, json: "true" });
  const { url } = await read<{ url: string }>(fetch("/api/auth/signin/entra", { method: "POST", body }));
  window.location.assign(url);
}

async function read<T>(answering: Promise<Response>): Promise<T> {
  const answer = await answering;
  if (!answer.ok) throw new Error(`The service answered ${answer.status}`);
  return (await answer.json()) as T;
}
